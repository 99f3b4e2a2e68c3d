//! CSV in GB18030, which holds every character that UTF-8 does.

use super::BYTE_ORDER_MARK;
use encoding_rs::{EncoderResult, GB18030};
use std::{
    fs::File,
    io::{BufRead as _, BufReader, BufWriter, Read as _, Write as _},
    path::Path,
};

/// Writes the text at `part`, without its mark, in GB18030, a line at a time.
pub(super) fn write(part: &Path, path: &Path) -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    let mut text = BufReader::new(File::open(part).map_err(told)?);
    let mut mark = [0; BYTE_ORDER_MARK.len()];
    text.read_exact(&mut mark).map_err(told)?;
    let mut file = BufWriter::new(File::create(path).map_err(told)?);
    let mut line = String::new();
    while text.read_line(&mut line).map_err(told)? > 0 {
        file.write_all(&encoded(&line)?).map_err(told)?;
        line.clear();
    }
    file.flush().map_err(told)
}

/// A text in GB18030; nothing is put in the place of a character that it lacks.
fn encoded(text: &str) -> Result<Vec<u8>, String> {
    let mut encoder = GB18030.new_encoder();
    let most = encoder.max_buffer_length_from_utf8_without_replacement(text.len());
    let mut bytes = Vec::with_capacity(most.unwrap_or(text.len() * 4));
    match encoder.encode_from_utf8_to_vec_without_replacement(text, &mut bytes, true) {
        (EncoderResult::InputEmpty, _) => Ok(bytes),
        (EncoderResult::Unmappable(sign), _) => {
            Err(format!("GB18030 has no sign for U+{:04X}", u32::from(sign)))
        }
        (EncoderResult::OutputFull, _) => Err("a line is too long".to_owned()),
    }
}
