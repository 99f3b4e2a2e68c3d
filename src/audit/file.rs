//! The seal file: every seal once more, one line of JSON each, appended and never changed. It shows when the end of the
//! table was cut off, seals and records together.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::seal::Seal;

/// More than a line ever has.
const LONGEST_LINE: u64 = 4_096;

/// A file that seals are appended to.
#[derive(Clone, Debug)]
pub(super) struct SealFile(PathBuf);

impl SealFile {
    pub(super) fn new(path: PathBuf) -> Self {
        SealFile(path)
    }

    /// The last seal in it; none where there is no file yet.
    pub(super) fn last(&self) -> io::Result<Option<Seal>> {
        match File::open(&self.0) {
            Ok(mut file) => Ok(end(&mut file)?.0),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Appends those of the seals that come after the last one in the file, and waits until they are on the disk.
    pub(super) fn append(&self, seals: &[Seal]) -> io::Result<()> {
        let is_new = !self.0.exists();
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&self.0)?;
        // Instances may share the file.
        file.lock()?;
        let (last, length) = end(&mut file)?;
        let last = last.map_or(0, |seal| seal.number);
        let mut lines = String::new();
        for seal in seals.iter().filter(|seal| seal.number > last) {
            lines += &seal.line()?;
            lines.push('\n');
        }
        // What stands behind the last whole line was being written when the machine went down.
        file.set_len(length)?;
        file.seek(SeekFrom::Start(length))?;
        file.write_all(lines.as_bytes())?;
        file.sync_all()?;
        match self.0.parent().filter(|_| is_new) {
            None => Ok(()),
            Some(folder) if folder.as_os_str().is_empty() => File::open(".")?.sync_all(),
            Some(folder) => File::open(folder)?.sync_all(),
        }
    }
}

/// The seal of the last whole line, and where that line ends.
fn end(file: &mut File) -> io::Result<(Option<Seal>, u64)> {
    let length = file.metadata()?.len();
    let start = length.saturating_sub(2 * LONGEST_LINE);
    file.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    file.take(2 * LONGEST_LINE).read_to_end(&mut tail)?;
    let Some(line_end) = tail.iter().rposition(|byte| *byte == b'\n') else {
        return match start {
            0 => Ok((None, 0)),
            _ => Err(bad("no end of a line near its end")),
        };
    };
    let whole = &tail[..line_end];
    let line_start = whole.iter().rposition(|byte| *byte == b'\n');
    let line = &whole[line_start.map_or(0, |end| end + 1)..];
    let seal = serde_json::from_slice(line).map_err(|_| bad("its last line is no seal"))?;
    Ok((Some(seal), start + line_end as u64 + 1))
}

fn bad(problem: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

/// The lines of a seal file, one after the other.
pub(super) struct Lines {
    file: BufReader<File>,
    line: u64,
}

impl Lines {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = BufReader::new(File::open(path)?);
        Ok(Lines { file, line: 0 })
    }

    /// The next seal with the bytes of its line; none at the end, and no seal where the line is none.
    pub(super) fn next(&mut self) -> io::Result<Option<Option<Seal>>> {
        let mut bytes = Vec::new();
        let mut line = self.file.by_ref().take(LONGEST_LINE);
        if line.read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        self.line += 1;
        Ok(Some(Lines::seal(&bytes)))
    }

    /// Which line was read last.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// A line is a seal only as it was written, to the byte.
    fn seal(bytes: &[u8]) -> Option<Seal> {
        let line = bytes.strip_suffix(b"\n")?;
        let seal: Seal = serde_json::from_slice(line).ok()?;
        let written = seal.line().ok()?;
        (written.as_bytes() == line).then_some(seal)
    }
}
