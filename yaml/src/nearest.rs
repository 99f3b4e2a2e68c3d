//! Names that are almost right.

/// `; do you mean `..`?` where one of the names is a slip away, else nothing.
#[must_use]
pub fn do_you_mean<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> String {
    let near = names.map(|other| (distance(name, other), other));
    // The first in the alphabet of those that are as near, so that the sentence is the same in each run.
    match near.min() {
        Some((slips, other)) if slips * 3 <= name.chars().count() => {
            format!("; do you mean `{other}`?")
        }
        _ => String::new(),
    }
}

/// How many letters are to be added, left out or replaced.
#[must_use]
pub fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut before = std::mem::replace(&mut row[0], line + 1);
        for (column, of_other) in other.iter().enumerate() {
            let replaced = before + usize::from(letter != *of_other);
            before = row[column + 1];
            row[column + 1] = replaced.min(before + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::do_you_mean;

    #[test]
    fn a_slip_is_seen_and_another_word_is_not() {
        let names = || ["members", "annual_income", "n"].into_iter();
        assert_eq!(do_you_mean("membres", names()), "; do you mean `members`?");
        assert_eq!(
            do_you_mean("annual_incom", names()),
            "; do you mean `annual_income`?"
        );
        assert_eq!(do_you_mean("standard", names()), "");
        assert_eq!(do_you_mean("b", names()), "");
    }
}
