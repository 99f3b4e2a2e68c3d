//! The checks that are shipped: a file each.

use super::check::Checks;
use crate::{authz::Matrix, departments};
use ::policy::Catalogue;
use ::yaml::FileError;

/// A check a file, by its name and text.
macro_rules! shipped {
    ($($id:literal),+ $(,)?) => {
        const SHIPPED: &[(&str, &str)] = &[
            $( (concat!("checks/", $id, ".yaml"), include_str!(concat!("../../checks/", $id, ".yaml"))) ),+
        ];
    };
}
shipped! {
    "RC-01",
    "RC-02",
    "RC-03",
    "RC-04",
    "RC-05",
    "RC-06",
    "RC-07",
    "RC-08",
    "RC-09",
    "RC-10",
    "RC-11",
    "RC-12",
    "RC-13",
    "RC-14",
    "RC-15",
    "RC-16",
    "RC-17",
    "RC-18",
    "RC-19",
    "RC-20",
    "RC-21",
    "RC-22",
    "RC-23",
    "RC-24",
    "RC-25",
    "RC-27",
    "RC-28",
    "RC-29",
    "RC-30",
    "RC-31",
    "RC-32",
    "RC-33",
    "RC-35",
    "RC-36",
    "RC-37",
    "RC-38",
    "RC-39",
    "RC-40",
    "RC-41",
    "RC-42",
    "RC-43",
    "RC-44",
    "RC-45",
    "RC-46",
    "RC-47",
    "RC-48",
    "RC-49",
    "RC-50",
    "RC-51",
    "RC-52",
    "RC-53",
    "RC-54",
    "RC-55",
    "RC-56",
    "RC-57",
    "RC-58",
    "RC-59",
    "RC-60",
    "RC-61",
    "RC-62",
    "RC-63",
    "RC-64",
    "RC-67",
    "RC-70",
    "RC-71",
    "RC-74",
    "RC-75",
    "RC-76",
    "RC-77",
    "RC-78",
    "RC-79",
    "RC-80",
    "RC-81",
    "RC-83",
    "RC-84",
    "RC-85",
    "RC-86",
    "RC-87",
    "RC-89",
    "RC-90",
    "RC-92",
    "RC-93",
    "RC-94",
    "RC-95",
    "RC-96",
    "RC-97",
    "RC-98",
    "RC-99",
}

const FRAGMENTS: (&str, &str) = (
    "checks/fragments.yaml",
    include_str!("../../checks/fragments.yaml"),
);

/// The checks that are shipped, whose evidence the matrix knows, with the figures of these packs.
///
/// # Errors
/// A check that can't be run, with file, line and column.
pub fn shipped(matrix: &Matrix, packs: &Catalogue) -> Result<Checks, FileError> {
    let recomputed = departments::recomputed();
    Checks::read(SHIPPED, FRAGMENTS, matrix, packs, &recomputed)
}
