//! What several tests need.

use policy::{Pack, read_pack};
use std::{fs, path::Path};

/// The packs that are shipped.
pub fn shipped() -> Vec<Pack> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let files = fs::read_dir(folder).expect("the packs");
    let mut files: Vec<_> = files.map(|entry| entry.expect("a file").path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    files.sort();
    let read =
        |path| read_pack("shipped", &fs::read_to_string(path).expect("a text")).expect("a pack");
    files.into_iter().map(read).collect()
}

/// Numbers without a pattern, the same in each run.
pub struct Random(pub u64);

impl Random {
    pub fn up_to(&mut self, most: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 >> 20).expect("44 bits") % (most + 1)
    }
    pub fn of<T: Clone>(&mut self, some: &[T]) -> T {
        let last = i64::try_from(some.len() - 1).expect("some");
        some[usize::try_from(self.up_to(last)).expect("not below zero")].clone()
    }
}
