//! Documents known by their hash: trusted ones from a folder, persisted ones from clients.

use super::document::DocumentHash;
use async_graphql::indexmap::IndexMap;
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

/// Documents of one folder.
const MOST_DOCUMENTS: usize = 20_000;

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    #[error("{path}: {problem}")]
    File { path: PathBuf, problem: String },
    #[error("{path}: the hash of entry {entry} is not the SHA-256 of its text")]
    Hash { path: PathBuf, entry: usize },
    #[error("more than {MOST_DOCUMENTS} documents")]
    TooMany,
}

/// The documents that each client application may run.
#[derive(Default)]
pub struct TrustedDocuments {
    by_client: HashMap<String, HashMap<DocumentHash, Arc<str>>>,
}

impl TrustedDocuments {
    /// Reads a folder: `<client>/<any>.graphql`, and `<client>.json` as an object from hash to text, as Relay and the code
    /// generators write it, or as the manifest of Apollo's.
    ///
    /// # Errors
    /// When a file cannot be read or a hash is not the hash of its text.
    pub fn read(folder: &Path) -> Result<Self, ManifestError> {
        let mut trusted = TrustedDocuments::default();
        for path in entries(folder)? {
            let Some(client) = path
                .file_stem()
                .and_then(|stem| stem.to_str())
                .map(str::to_owned)
            else {
                continue;
            };
            if path.is_dir() {
                for document in entries(&path)? {
                    if document
                        .extension()
                        .is_some_and(|extension| extension == "graphql")
                    {
                        trusted.add(&client, read(&document)?)?;
                    }
                }
            } else if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                trusted.add_manifest(&client, &path)?;
            }
        }
        Ok(trusted)
    }

    /// How many documents are trusted, of all clients.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_client.values().map(HashMap::len).sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text of a hash, where this client may run it.
    #[must_use]
    pub fn find(&self, client: &str, hash: &DocumentHash) -> Option<Arc<str>> {
        self.by_client.get(client)?.get(hash).cloned()
    }

    fn add(&mut self, client: &str, text: String) -> Result<(), ManifestError> {
        if self.len() >= MOST_DOCUMENTS {
            return Err(ManifestError::TooMany);
        }
        let documents = self.by_client.entry(client.to_owned()).or_default();
        documents.insert(Sha256::digest(&text).into(), text.into());
        Ok(())
    }

    fn add_manifest(&mut self, client: &str, path: &Path) -> Result<(), ManifestError> {
        let manifest: Manifest =
            serde_json::from_str(&read(path)?).map_err(|_| ManifestError::File {
                path: path.to_owned(),
                problem: "neither an object from hash to text nor a manifest of Apollo".to_owned(),
            })?;
        for (entry, (hash, text)) in manifest.documents().into_iter().enumerate() {
            let said = parse_hash(hash.trim_start_matches("sha256:"));
            if said != Some(Sha256::digest(&text).into()) {
                return Err(ManifestError::Hash {
                    path: path.to_owned(),
                    entry,
                });
            }
            self.add(client, text)?;
        }
        Ok(())
    }
}

/// The documents of a client application, in either form.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Manifest {
    Apollo { operations: Vec<ApolloOperation> },
    Texts(IndexMap<String, String>),
}

#[derive(serde::Deserialize)]
struct ApolloOperation {
    id: String,
    body: String,
}

impl Manifest {
    /// Hashes and texts.
    fn documents(self) -> Vec<(String, String)> {
        match self {
            Manifest::Apollo { operations } => operations
                .into_iter()
                .map(|operation| (operation.id, operation.body))
                .collect(),
            Manifest::Texts(texts) => texts.into_iter().collect(),
        }
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, ManifestError> {
    let failed = |error: std::io::Error| ManifestError::File {
        path: folder.to_owned(),
        problem: error.kind().to_string(),
    };
    let mut paths = std::fs::read_dir(folder)
        .map_err(failed)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<String, ManifestError> {
    std::fs::read_to_string(path).map_err(|error| ManifestError::File {
        path: path.to_owned(),
        problem: error.kind().to_string(),
    })
}

/// A SHA-256 written as 64 hexadecimal digits.
#[must_use]
pub fn parse_hash(text: &str) -> Option<DocumentHash> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut hash = DocumentHash::default();
    for (index, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(hash)
}

/// Texts that clients registered by their hash, so that they need not send them again. Bounded; forgotten at restart.
pub struct PersistedQueries {
    texts: RwLock<HashMap<DocumentHash, Arc<str>>>,
    limit: usize,
}

impl PersistedQueries {
    #[must_use]
    pub fn new(limit: usize) -> Self {
        PersistedQueries {
            texts: RwLock::default(),
            limit,
        }
    }

    #[must_use]
    pub fn find(&self, hash: &DocumentHash) -> Option<Arc<str>> {
        self.texts
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(hash)
            .cloned()
    }

    /// Keeps a text that ran. Where the shelf is full, any other text leaves: its client sends it again.
    pub fn keep(&self, hash: DocumentHash, text: &Arc<str>) {
        let mut texts = self.texts.write().unwrap_or_else(PoisonError::into_inner);
        if texts.len() >= self.limit && !texts.contains_key(&hash) {
            let Some(leaving) = texts.keys().next().copied() else {
                return;
            };
            texts.remove(&leaving);
        }
        texts.insert(hash, text.clone());
    }
}
