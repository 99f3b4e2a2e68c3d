//! A Merkle tree as RFC 6962 has it: whoever knows its root can be shown that a record is in it, and none was taken out.
//!
//! The leaves stream through: of a tree of any size only the roots of its complete subtrees are held, one a level.

use sha2::{Digest as _, Sha256};
use sm3::Sm3;

/// What stands before a leaf and before two nodes, so that neither passes for the other.
const LEAF: &[u8] = &[0];
const NODE: &[u8] = &[1];

/// A hash of either suite.
pub type Hash = [u8; 32];

/// Which hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hasher {
    Sha256,
    Sm3,
}

impl Hasher {
    /// The hash of the parts, one behind the other.
    #[must_use]
    pub fn hash(self, parts: &[&[u8]]) -> Hash {
        match self {
            Hasher::Sha256 => {
                let mut hasher = Sha256::new();
                parts.iter().for_each(|part| hasher.update(part));
                hasher.finalize().into()
            }
            Hasher::Sm3 => {
                let mut hasher = Sm3::new();
                parts.iter().for_each(|part| hasher.update(part));
                hasher.finalize().into()
            }
        }
    }

    /// The hash of a leaf.
    #[must_use]
    pub fn leaf(self, bytes: &[u8]) -> Hash {
        self.hash(&[LEAF, bytes])
    }

    fn node(self, left: &Hash, right: &Hash) -> Hash {
        self.hash(&[NODE, left, right])
    }
}

/// A complete subtree.
struct Subtree {
    height: u32,
    root: Hash,
    /// Whether the leaf that is to be proved lies in it.
    holds_leaf: bool,
}

/// A tree that grows leaf by leaf.
pub struct Tree {
    hasher: Hasher,
    size: u64,
    /// Of falling height, from the left.
    subtrees: Vec<Subtree>,
    wanted: Option<u64>,
    path: Vec<Hash>,
}

impl Tree {
    /// A tree of which only the root is wanted.
    #[must_use]
    pub fn new(hasher: Hasher) -> Self {
        Tree {
            hasher,
            size: 0,
            subtrees: Vec::new(),
            wanted: None,
            path: Vec::new(),
        }
    }

    /// A tree of which the path of a leaf is wanted too.
    #[must_use]
    pub fn proving(hasher: Hasher, index: u64) -> Self {
        Tree {
            wanted: Some(index),
            ..Tree::new(hasher)
        }
    }

    /// Adds the next leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut grown = Subtree {
            height: 0,
            root: leaf,
            holds_leaf: self.wanted == Some(self.size),
        };
        self.size += 1;
        while let Some(left) = self.subtrees.pop_if(|left| left.height == grown.height) {
            grown = self.join(left, grown);
        }
        self.subtrees.push(grown);
    }

    /// How many leaves there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root, and the path of the wanted leaf from the bottom up.
    #[must_use]
    pub fn finish(mut self) -> (Hash, Vec<Hash>) {
        let Some(mut right) = self.subtrees.pop() else {
            return (self.hasher.hash(&[]), Vec::new());
        };
        while let Some(left) = self.subtrees.pop() {
            right = self.join(left, right);
        }
        (right.root, self.path)
    }

    fn join(&mut self, left: Subtree, right: Subtree) -> Subtree {
        if left.holds_leaf {
            self.path.push(right.root);
        } else if right.holds_leaf {
            self.path.push(left.root);
        }
        Subtree {
            height: left.height + 1,
            root: self.hasher.node(&left.root, &right.root),
            holds_leaf: left.holds_leaf || right.holds_leaf,
        }
    }
}

/// The root of a tree of `size` leaves in which the leaf at `index` has this path; none where no leaf has such a path
/// (RFC 9162, 2.1.3.2).
#[must_use]
pub fn root_of_path(
    hasher: Hasher,
    index: u64,
    size: u64,
    leaf: Hash,
    path: &[Hash],
) -> Option<Hash> {
    let mut last = size.checked_sub(1)?;
    let mut place = index;
    if place > last {
        return None;
    }
    let mut root = leaf;
    for sibling in path {
        if last == 0 {
            return None;
        }
        if place & 1 == 1 || place == last {
            root = hasher.node(sibling, &root);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            root = hasher.node(&root, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(hash: Hash) -> String {
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The definition of RFC 6962, 2.1, word by word.
    fn root(hasher: Hasher, leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => hasher.hash(&[]),
            [leaf] => hasher.leaf(leaf),
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                let (left, right) = leaves.split_at(split);
                hasher.node(&root(hasher, left), &root(hasher, right))
            }
        }
    }

    fn grown(hasher: Hasher, leaves: &[Vec<u8>], wanted: Option<u64>) -> (Hash, Vec<Hash>) {
        let mut tree = match wanted {
            Some(index) => Tree::proving(hasher, index),
            None => Tree::new(hasher),
        };
        leaves.iter().for_each(|leaf| tree.push(hasher.leaf(leaf)));
        assert_eq!(tree.size(), leaves.len() as u64);
        tree.finish()
    }

    fn numbered(count: u8) -> Vec<Vec<u8>> {
        (0..count)
            .map(|number| vec![number; usize::from(number)])
            .collect()
    }

    /// The leaves and roots that the implementations of Certificate Transparency test each other with.
    #[test]
    fn known_roots() {
        let leaves: [&[u8]; 8] = [
            &[],
            &[0x00],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[
                0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d,
                0x6e, 0x6f,
            ],
        ];
        let leaves = leaves.map(<[u8]>::to_vec);
        for (size, known) in [
            (
                0,
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                1,
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            ),
            (
                2,
                "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            ),
            (
                3,
                "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            ),
            (
                4,
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ),
            (
                5,
                "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            ),
            (
                6,
                "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            ),
            (
                7,
                "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            ),
            (
                8,
                "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
            ),
        ] {
            assert_eq!(hex(grown(Hasher::Sha256, &leaves[..size], None).0), known);
        }
    }

    /// GB/T 32905, example 1.
    #[test]
    fn sm3_is_sm3() {
        assert_eq!(
            hex(Hasher::Sm3.hash(&[b"a", b"bc"])),
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        );
    }

    #[test]
    fn every_leaf_of_every_size_is_proved_and_nothing_else() {
        for hasher in [Hasher::Sha256, Hasher::Sm3] {
            for size in 1..=40 {
                let leaves = numbered(size);
                let whole = root(hasher, &leaves);
                assert_eq!(grown(hasher, &leaves, None).0, whole, "{size}");
                for index in 0..u64::from(size) {
                    let leaf = hasher.leaf(&leaves[index as usize]);
                    let (root, path) = grown(hasher, &leaves, Some(index));
                    assert_eq!(root, whole);
                    let size = u64::from(size);
                    let proved = |index, size, leaf, path: &[Hash]| {
                        root_of_path(hasher, index, size, leaf, path) == Some(whole)
                    };
                    assert!(proved(index, size, leaf, &path), "{index} of {size}");
                    assert!(!proved(index, size, [7; 32], &path));
                    assert!(!proved(
                        index,
                        size,
                        leaf,
                        &[&path[..], &[[0; 32]]].concat()
                    ));
                    assert!(!proved(size, size, leaf, &path));
                    if let Some((_, shorter)) = path.split_last() {
                        assert!(!proved(index, size, leaf, shorter));
                        assert!(!proved(index ^ 1, size, leaf, &path));
                    }
                }
            }
        }
    }
}
