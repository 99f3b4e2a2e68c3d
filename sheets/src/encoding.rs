//! Bytes of unknown origin as UTF-8.
//!
//! What begins with a byte order mark is what that says. Else a file is UTF-8 where its beginning is, strictly; else GB18030, of
//! which GBK and GB2312 are parts. GB18030 is read by the table of the WHATWG Encoding Standard: the 18 codes that the edition of
//! 2022 took out of the private use of Unicode (upright forms of punctuation, parts of characters) are what that edition says,
//! whichever edition a file was written by; A8BC is ḿ as since 2005, and A3A0 a full-width blank.

use crate::problem::{Code, Problem};
use encoding_rs::{Decoder, DecoderResult, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use std::{
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
};

/// The character set of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    Gb18030,
}

impl Encoding {
    fn decoder(self) -> Decoder {
        let encoding = match self {
            Encoding::Utf8 => UTF_8,
            Encoding::Utf16Le => UTF_16LE,
            Encoding::Utf16Be => UTF_16BE,
            Encoding::Gb18030 => GB18030,
        };
        encoding.new_decoder_without_bom_handling()
    }
}

const BLOCK_BYTES: usize = 1 << 20;

/// The character set of a file, and how many bytes of a mark stand before its text.
///
/// # Errors
/// It is none that we read; the stream.
pub fn detect(mut file: impl Read + Seek) -> Result<(Encoding, u64), Problem> {
    let unreadable = |error: io::Error| not_readable(&error);
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let mut block = Vec::with_capacity(BLOCK_BYTES);
    file.by_ref()
        .take(BLOCK_BYTES as u64)
        .read_to_end(&mut block)
        .map_err(unreadable)?;
    let marks: [(&[u8], Encoding); 3] = [
        (b"\xef\xbb\xbf", Encoding::Utf8),
        (b"\xff\xfe", Encoding::Utf16Le),
        (b"\xfe\xff", Encoding::Utf16Be),
    ];
    if let Some((mark, encoding)) = marks.into_iter().find(|(mark, _)| block.starts_with(mark)) {
        return Ok((encoding, mark.len() as u64));
    }
    // What is in ASCII up to here says nothing yet.
    let mut lines = 1;
    while block.is_ascii() && block.len() == BLOCK_BYTES {
        lines += lines_in(&block);
        block.clear();
        file.by_ref()
            .take(BLOCK_BYTES as u64)
            .read_to_end(&mut block)
            .map_err(unreadable)?;
    }
    let is_end = block.len() < BLOCK_BYTES;
    match (
        malformed_in(&block, Encoding::Utf8, is_end),
        malformed_in(&block, Encoding::Gb18030, is_end),
    ) {
        (None, _) => Ok((Encoding::Utf8, 0)),
        // So much of UTF-8 is never there by chance: what is wrong with the rest is told where it is met.
        (Some(text), _) if text.chars().filter(|sign| !sign.is_ascii()).count() >= SURE_SIGNS => {
            Ok((Encoding::Utf8, 0))
        }
        (_, None) => Ok((Encoding::Gb18030, 0)),
        (_, Some(text)) => Err(malformed(lines + lines_in(text.as_bytes()))),
    }
}

fn lines_in(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

/// How many signs outside of ASCII in a row make a text UTF-8.
const SURE_SIGNS: usize = 8;

/// The text before the first bytes that are not in a character set; none where all of them are.
fn malformed_in(block: &[u8], encoding: Encoding, is_end: bool) -> Option<String> {
    let mut decoder = encoding.decoder();
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length(block.len()).unwrap_or(0));
    let (result, _) = decoder.decode_to_string_without_replacement(block, &mut text, is_end);
    matches!(result, DecoderResult::Malformed(..)).then_some(text)
}

pub fn not_readable(error: &io::Error) -> Problem {
    Problem::new(
        Code::NotReadable,
        format!("the file can't be read: {error}"),
        format!("文件无法读取：{error}"),
    )
}

fn malformed(line: u64) -> Problem {
    Problem::new(
        Code::Encoding,
        format!(
            "line {line} of the text is neither UTF-8 nor GB18030: save the file as CSV UTF-8 or as XLSX"
        ),
        format!("文本第{line}行的字符既不是UTF-8也不是GB18030编码，请另存为“CSV UTF-8”或XLSX"),
    )
}

/// A text in UTF-8, that tells how much of it was read since it was asked last, and stops at a limit.
pub struct Decoded<R> {
    bytes: R,
    decoder: Decoder,
    block: Vec<u8>,
    /// What of the block is not decoded yet.
    rest: Range<usize>,
    text: Vec<u8>,
    /// What of the text is not read yet.
    ready: Range<usize>,
    state: State,
    lines: u64,
    since: usize,
    limit: usize,
    fault: Option<Problem>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    /// The stream has ended, the decoder has not.
    Ending,
    Done,
}

const DECODED_BYTES: usize = 64 << 10;

impl<R: Read> Decoded<R> {
    /// The text of what is left of a stream, with at most so many bytes between two marks.
    pub fn new(bytes: R, encoding: Encoding, limit: usize) -> Self {
        Decoded {
            bytes,
            decoder: encoding.decoder(),
            block: vec![0; DECODED_BYTES],
            rest: 0..0,
            text: vec![0; DECODED_BYTES],
            ready: 0..0,
            state: State::Reading,
            lines: 1,
            since: 0,
            limit,
            fault: None,
        }
    }
    /// Begins to count anew.
    pub fn mark(&mut self) {
        self.since = 0;
    }
    /// Why it stopped.
    pub fn fault(&mut self) -> Option<Problem> {
        self.fault.take()
    }

    fn stop(&mut self, problem: Problem) -> io::Error {
        self.fault = Some(problem);
        io::Error::other("the text ends here")
    }

    /// Decodes until there is text, or no more.
    fn fill(&mut self) -> io::Result<()> {
        while self.ready.is_empty() && self.state != State::Done {
            if self.rest.is_empty() && self.state == State::Reading {
                self.rest = 0..self.bytes.read(&mut self.block)?;
                if self.rest.is_empty() {
                    self.state = State::Ending;
                }
            }
            let bytes = &self.block[self.rest.clone()];
            let is_end = self.state == State::Ending;
            let decoded =
                self.decoder
                    .decode_to_utf8_without_replacement(bytes, &mut self.text, is_end);
            let (result, read, written) = decoded;
            self.rest.start += read;
            self.ready = 0..written;
            self.lines += lines_in(&self.text[..written]);
            match result {
                DecoderResult::InputEmpty if is_end => self.state = State::Done,
                DecoderResult::InputEmpty | DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    self.state = State::Done;
                    self.fault = Some(malformed(self.lines));
                }
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since > self.limit {
            let limit = self.limit >> 20;
            return Err(self.stop(Problem::new(
                Code::RowTooLong,
                format!(
                    "a row is longer than {limit} MB: a quote may be open, or the file is no table"
                ),
                format!("某一行超过{limit}MB：可能缺少后引号，或文件不是表格"),
            )));
        }
        self.fill()?;
        if self.ready.is_empty() && self.fault.is_some() {
            return Err(io::Error::other("the text ends here"));
        }
        let length = self.ready.len().min(buffer.len());
        let end = self.ready.start + length;
        buffer[..length].copy_from_slice(&self.text[self.ready.start..end]);
        self.ready.start = end;
        self.since += length;
        Ok(length)
    }
}
