//! A table on its way: rows that are safe on disk, and where the run that writes them stands.

use super::{Column, FileError, Format, beside, finish, head, lines};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    fs::{self, File, OpenOptions},
    io::{BufWriter, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

/// A table that becomes a file.
pub struct Part<P> {
    path: PathBuf,
    columns: &'static [Column],
    format: Format,
    part: PathBuf,
    checkpoint: PathBuf,
    rows: BufWriter<File>,
    state: State<P>,
}

/// What a checkpoint holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct State<P> {
    /// What the table is of: a part of another one is not gone on with.
    of: String,
    /// How many bytes of the part count.
    bytes: u64,
    position: P,
    done: u64,
}

impl<P: Clone + Default + Serialize + DeserializeOwned> Part<P> {
    /// The part of a file: a new one, or that which an earlier run of the same table left.
    ///
    /// # Errors
    /// The name of the file, a part of another table, the disk.
    pub fn open(path: &Path, of: &str, columns: &'static [Column]) -> Result<Self, FileError> {
        let format = Format::of(path)?;
        let (part, checkpoint) = (beside(path, "part"), beside(path, "checkpoint"));
        let new = State {
            of: of.to_owned(),
            bytes: 0,
            position: P::default(),
            done: 0,
        };
        let state = match fs::read(&checkpoint) {
            Err(_) => new,
            Ok(bytes) => {
                let state = serde_json::from_slice::<State<P>>(&bytes).ok();
                let state = state.filter(|state| state.of == of);
                let state = state.ok_or_else(|| FileError::OtherPart(part.clone()))?;
                // A checkpoint without its part is left where a run ended after the part had become the file.
                let held = fs::metadata(&part).map_or(0, |part| part.len());
                if held < state.bytes { new } else { state }
            }
        };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&part);
        // What was written after the checkpoint is written again.
        let file = file.and_then(|mut file| {
            file.set_len(state.bytes)?;
            file.seek(SeekFrom::End(0))?;
            if state.bytes == 0 {
                let head = head(format, columns).map_err(std::io::Error::other)?;
                file.write_all(&head)?;
            }
            Ok(file)
        });
        let file = file.map_err(FileError::at(&part))?;
        Ok(Part {
            path: path.to_owned(),
            columns,
            format,
            part,
            checkpoint,
            rows: BufWriter::new(file),
            state,
        })
    }

    /// Where the run stands.
    #[must_use]
    pub fn position(&self) -> P {
        self.state.position.clone()
    }

    /// How much was done up to there.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.state.done
    }

    /// Adds rows.
    ///
    /// # Errors
    /// The disk.
    pub fn add<const COLUMNS: usize>(
        &mut self,
        rows: &[[String; COLUMNS]],
    ) -> Result<(), FileError> {
        let written = |error: csv::Error| FileError::written(&self.part)(error.to_string());
        let text = lines(self.format, rows).map_err(written)?;
        self.rows
            .write_all(&text)
            .map_err(FileError::at(&self.part))
    }

    /// Makes what was added safe: from here a run that is cut off goes on.
    ///
    /// # Errors
    /// The disk.
    pub fn checkpoint(&mut self, position: P, done: u64) -> Result<(), FileError> {
        let at = FileError::at(&self.part);
        self.rows.flush().map_err(&at)?;
        let file = self.rows.get_ref();
        file.sync_data().map_err(&at)?;
        self.state.bytes = file.metadata().map_err(&at)?.len();
        (self.state.position, self.state.done) = (position, done);
        let at = FileError::at(&self.checkpoint);
        let state = serde_json::to_vec(&self.state).map_err(|error| at(error.into()))?;
        let new = beside(&self.checkpoint, "new");
        let mut file = File::create(&new).map_err(&at)?;
        file.write_all(&state).map_err(&at)?;
        file.sync_all().map_err(&at)?;
        fs::rename(&new, &self.checkpoint).map_err(&at)
    }

    /// Makes the part to the file.
    ///
    /// # Errors
    /// The disk, or a format that can't hold it.
    pub fn finish(mut self) -> Result<(), FileError> {
        self.rows.flush().map_err(FileError::at(&self.part))?;
        let synced = self.rows.get_ref().sync_all();
        synced.map_err(FileError::at(&self.part))?;
        drop(self.rows);
        finish(&self.part, &self.path, self.columns)?;
        for path in [&self.checkpoint, &self.part] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(FileError::at(path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}
