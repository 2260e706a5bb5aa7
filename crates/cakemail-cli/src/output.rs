//! What is printed on stdout: lines, names with values and tables for people, one JSON object a line for programs.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use serde::Serialize;

pub const BOLD: &str = "\x1b[1m";
pub const DIM: &str = "\x1b[2m";
pub const RED: &str = "\x1b[1;31m";
pub const GREEN: &str = "\x1b[32m";
pub const CYAN: &str = "\x1b[36m";
pub const RESET: &str = "\x1b[0m";

/// Where a command prints to. Colours reach terminals only, and none when `NO_COLOR` is set.
pub struct Output {
    json: bool,
    /// How much fits into a line, when that is known.
    width: usize,
    sink: Box<dyn Write>,
}

impl Output {
    /// The standard output.
    pub fn stdout(json: bool) -> Self {
        let terminal = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
        let width = terminal.map_or(usize::MAX, |(width, _)| width.0.into());
        Self { json, width, sink: Box::new(anstream::stdout()) }
    }

    #[cfg(test)]
    pub fn to(json: bool, sink: impl Write + 'static) -> Self {
        Self { json, width: 80, sink: Box::new(sink) }
    }

    /// Whether a program reads it.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// One JSON object, or any other value, in one line.
    pub fn object(&mut self, value: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string(value)?;
        self.line(text)
    }

    /// One line, which is on its way when this returns.
    pub fn line(&mut self, text: impl Display) -> io::Result<()> {
        writeln!(self.sink, "{text}")?;
        self.sink.flush()
    }

    /// Names with their values, aligned.
    pub fn pairs(&mut self, pairs: &[(&str, String)]) -> io::Result<()> {
        let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        for (name, value) in pairs {
            self.line(format_args!("{DIM}{name:width$}{RESET}  {}", plain(value)))?;
        }
        Ok(())
    }

    /// Rows under a head, aligned. Columns that the terminal is too narrow for go to a line below.
    pub fn table<const N: usize>(&mut self, head: [&str; N], rows: &[[String; N]]) -> io::Result<()> {
        let width = |column: usize| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.chain([head[column].len()]).max().unwrap_or_default()
        };
        let widths: [usize; N] = std::array::from_fn(width);
        let fitting = fitting(&widths, self.width);
        let aligned = |cells: [&str; N]| {
            let mut line = String::new();
            for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
                match column {
                    0 => {}
                    _ if column == fitting => line = format!("{}\n    ", line.trim_end()),
                    _ => line += "  ",
                }
                line += &format!("{:width$}", plain(cell));
            }
            line.trim_end().to_owned()
        };
        self.line(format_args!("{BOLD}{}{RESET}", aligned(head)))?;
        rows.iter().try_for_each(|row| self.line(aligned(row.each_ref().map(String::as_str))))
    }
}

/// How many columns of these widths fit into a line, but one at least.
fn fitting(widths: &[usize], line: usize) -> usize {
    let ends = widths.iter().scan(0, |end, width| {
        *end += width + 2;
        Some(*end - 2)
    });
    ends.take_while(|end| *end <= line).count().max(1)
}

/// What a server or a recipient wrote, without what could move a terminal's cursor.
pub fn plain(text: &str) -> String {
    text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect()
}

/// Breaks a text into lines of at most `width` characters, where it can.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut length = 0;
    for word in text.split_whitespace() {
        let more = word.chars().count();
        if length > 0 && length + 1 + more > width {
            lines.push(String::new());
            length = 0;
        }
        if let Some(line) = lines.last_mut() {
            if length > 0 {
                line.push(' ');
                length += 1;
            }
            line.push_str(word);
        }
        length += more;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{fitting, plain, wrapped};

    #[test]
    fn no_control_character_reaches_a_terminal() {
        assert_eq!(plain("a\x1b[2Jb\nc\u{9b}d"), "a [2Jb c d");
    }

    #[test]
    fn columns_that_do_not_fit_are_counted_out() {
        for (line, columns) in [(usize::MAX, 3), (9, 3), (8, 2), (4, 1), (1, 1)] {
            assert_eq!(fitting(&[2, 2, 1], line), columns, "{line}");
        }
    }

    #[test]
    fn lines_are_as_long_as_they_may_be() {
        assert_eq!(wrapped("one two  three", 7), ["one two", "three"]);
        assert_eq!(wrapped("a-word-that-is-too-long b", 7), ["a-word-that-is-too-long", "b"]);
        assert_eq!(wrapped("", 7), [""]);
    }
}
