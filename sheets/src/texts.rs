//! The texts that the cells of a workbook share, in as little memory as they take.

use crate::{
    delimited::cell_too_long,
    problem::{Code, Problem},
    workbook::{MOST_BYTES_OF_A_SIGN, unescaped},
    xml::{Said, name},
};

/// A block of texts; a text is never in two of them.
const BLOCK_BYTES: usize = 1 << 20;

/// Texts by their number.
#[derive(Default)]
pub struct Texts {
    blocks: Vec<String>,
    /// Where each begins: the block and the place in it.
    starts: Vec<u32>,
    most_bytes: usize,
    most_texts: usize,
}

impl Texts {
    pub fn new(most_bytes: usize, most_texts: usize) -> Self {
        Texts {
            most_bytes,
            most_texts,
            ..Texts::default()
        }
    }

    pub fn push(&mut self, text: &str) -> Result<(), Problem> {
        let fits = |block: &String| block.len() + text.len() < BLOCK_BYTES;
        if !self.blocks.last().is_some_and(fits) {
            self.blocks.push(String::with_capacity(BLOCK_BYTES));
        }
        let block = self.blocks.len() - 1;
        if self.blocks.len() * BLOCK_BYTES > self.most_bytes || self.starts.len() == self.most_texts
        {
            return Err(too_many_texts());
        }
        let start = block * BLOCK_BYTES + self.blocks[block].len();
        self.starts
            .push(u32::try_from(start).map_err(|_| too_many_texts())?);
        self.blocks[block].push_str(text);
        Ok(())
    }

    pub fn get(&self, at: usize) -> Option<&str> {
        let start = *self.starts.get(at)? as usize;
        let block = self.blocks.get(start / BLOCK_BYTES)?;
        let next = self.starts.get(at + 1).map(|next| *next as usize);
        let next = next.filter(|next| next / BLOCK_BYTES == start / BLOCK_BYTES);
        let end = next.map_or(block.len(), |next| next % BLOCK_BYTES);
        block.get(start % BLOCK_BYTES..end)
    }
}

fn too_many_texts() -> Problem {
    Problem::new(
        Code::UnpackedTooLarge,
        "the workbook holds too much text: split it, or save it as CSV",
        "工作簿文字过多，请拆分为多个文件，或另存为CSV",
    )
}

/// A text that is made of runs (`<r><t>`), without its pronunciation (`<rPh>`).
#[derive(Default)]
pub struct Collected {
    text: String,
    within: bool,
    spoken: bool,
}

impl Collected {
    /// Takes what is said; whether the element of this name ended with it.
    pub fn see(&mut self, said: &Said<'_>, element: &str, most: usize) -> Result<bool, Problem> {
        match said {
            Said::Start(start) => match name(start) {
                "t" => self.within = !self.spoken,
                "rPh" => self.spoken = true,
                start if start == element => self.text.clear(),
                _ => {}
            },
            Said::Empty(start) if name(start) == element => {
                self.text.clear();
                return Ok(true);
            }
            Said::Text(text) if self.within => {
                self.text.push_str(text);
                return self.within_limit(most);
            }
            Said::Sign(sign) if self.within => {
                self.text.push(*sign);
                return self.within_limit(most);
            }
            Said::End(end) => match end.local_name().into_inner() {
                "t" => self.within = false,
                "rPh" => self.spoken = false,
                end if end == element => {
                    if self.text.len() > most && self.text.chars().count() > most {
                        return Err(cell_too_long(most));
                    }
                    if self.text.contains("_x") {
                        self.text = unescaped(&self.text);
                    }
                    return Ok(true);
                }
                _ => {}
            },
            _ => {}
        }
        Ok(false)
    }

    fn within_limit(&self, most: usize) -> Result<bool, Problem> {
        match self.text.len() > most * MOST_BYTES_OF_A_SIGN {
            true => Err(cell_too_long(most)),
            false => Ok(false),
        }
    }
    pub fn text(&self) -> &str {
        &self.text
    }
}
