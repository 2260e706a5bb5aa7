//! The output on stdout: lines, fields and tables for people, or one JSON object per line for programs.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use serde::Serialize;

pub const BOLD: &str = "\x1b[1m";
pub const DIM: &str = "\x1b[2m";
pub const RED: &str = "\x1b[1;31m";
pub const GREEN: &str = "\x1b[32m";
pub const CYAN: &str = "\x1b[36m";
pub const RESET: &str = "\x1b[0m";

/// The output of a command. Only a terminal gets colours, and only without `NO_COLOR`.
pub struct Output {
    json: bool,
    /// The number of columns; no limit when stdout is not a terminal.
    width: usize,
    /// The reader of the pipe has closed it.
    closed: bool,
    sink: Box<dyn Write>,
}

impl Output {
    /// Writes to stdout.
    pub fn stdout(json: bool) -> Self {
        let terminal = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
        let width = terminal.map_or(usize::MAX, |(width, _)| width.0.into());
        Self { json, width, closed: false, sink: Box::new(anstream::stdout()) }
    }

    #[cfg(test)]
    pub fn to(json: bool, sink: impl Write + 'static) -> Self {
        Self { json, width: 80, closed: false, sink: Box::new(sink) }
    }

    /// Whether `--json` was given.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Prints a value as JSON on one line.
    pub fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string(value)?;
        self.line(text)
    }

    /// Whether nobody reads the output any more.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Prints a line and flushes. Once the reader of a pipe has read enough, does nothing: the command goes on, and its exit
    /// code tells what happened.
    pub fn line(&mut self, text: impl Display) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        match writeln!(self.sink, "{text}").and_then(|()| self.sink.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            other => other,
        }
    }

    /// Prints a warning to stderr, for people or for programs.
    pub fn warn(&self, text: &str, object: serde_json::Value) {
        // A failed write has nowhere to be reported.
        let _ = match self.json {
            true => writeln!(io::stderr(), "{object}"),
            false => writeln!(io::stderr(), "{}", sanitize(text)),
        };
    }

    /// Prints names and values, aligned.
    pub fn fields(&mut self, fields: &[(&str, String)]) -> io::Result<()> {
        let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        for (name, value) in fields {
            self.line(format_args!("{DIM}{name:width$}{RESET}  {}", sanitize(value)))?;
        }
        Ok(())
    }

    /// Prints an aligned table. Columns that do not fit the terminal go to a second line.
    pub fn table<const N: usize>(&mut self, header: [&str; N], rows: &[[String; N]]) -> io::Result<()> {
        let width = |column: usize| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.chain([header[column].len()]).max().unwrap_or_default()
        };
        let widths: [usize; N] = std::array::from_fn(width);
        let fitting = fitting_columns(&widths, self.width);
        let aligned = |cells: [&str; N]| {
            let mut line = String::new();
            for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
                match column {
                    0 => {}
                    _ if column == fitting => line = format!("{}\n    ", line.trim_end()),
                    _ => line += "  ",
                }
                line += &format!("{:width$}", sanitize(cell));
            }
            line.trim_end().to_owned()
        };
        self.line(format_args!("{BOLD}{}{RESET}", aligned(header)))?;
        rows.iter().try_for_each(|row| self.line(aligned(row.each_ref().map(String::as_str))))
    }
}

/// The number of columns of these widths that fit a line, at least one.
fn fitting_columns(widths: &[usize], line: usize) -> usize {
    let ends = widths.iter().scan(0, |end, width| {
        *end += width + 2;
        Some(*end - 2)
    });
    ends.take_while(|end| *end <= line).count().max(1)
}

/// Replaces control characters with spaces, so that text from a server cannot control the terminal.
pub fn sanitize(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// Wraps a text at `width` characters. A longer word gets its own line.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
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
    use super::{fitting_columns, sanitize, wrap};

    #[test]
    fn control_characters_become_spaces() {
        assert_eq!(sanitize("a\x1b[2Jb\nc\u{9b}d"), "a [2Jb c d");
    }

    #[test]
    fn at_least_one_column_fits() {
        for (line, columns) in [(usize::MAX, 3), (9, 3), (8, 2), (4, 1), (1, 1)] {
            assert_eq!(fitting_columns(&[2, 2, 1], line), columns, "{line}");
        }
    }

    #[test]
    fn text_is_wrapped_at_the_width() {
        assert_eq!(wrap("one two  three", 7), ["one two", "three"]);
        assert_eq!(wrap("a-word-that-is-too-long b", 7), ["a-word-that-is-too-long", "b"]);
        assert_eq!(wrap("", 7), [""]);
    }
}
