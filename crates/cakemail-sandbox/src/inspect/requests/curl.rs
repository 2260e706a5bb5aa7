//! A request as a curl command for a POSIX shell.

use super::{SeenRequest, Texts, fields};

/// Headers that curl writes itself, or that belong to the connection.
const OMITTED: [&str; 6] = ["host", "content-length", "connection", "transfer-encoding", "expect", "accept-encoding"];

pub(super) fn command(request: &SeenRequest, texts: &Texts) -> String {
    let mut words = vec!["curl".to_owned()];
    match request.method.as_str() {
        "HEAD" => words.push("--head".into()),
        method => words.extend(["-X".into(), quoted(method)]),
    }
    let query = if texts.query.is_empty() { String::new() } else { format!("?{}", texts.query) };
    let url = format!("{}{}{query}", texts.base, request.path);
    if url.contains(['[', ']', '{', '}']) {
        words.push("--globoff".into());
    }
    words.push(quoted(&url));
    for (name, value) in fields(&texts.headers).filter(|(name, _)| !OMITTED.contains(name)) {
        words.push("-H".into());
        words.push(match value.split_once(' ') {
            Some((scheme, _)) if name == "authorization" && scheme.eq_ignore_ascii_case("bearer") => {
                r#""Authorization: Bearer $TOKEN""#.into()
            }
            _ if value.is_empty() => quoted(&format!("{name};")),
            _ => quoted(&format!("{name}: {value}")),
        });
    }
    let body = &texts.body;
    if !body.text.is_empty() {
        if !fields(&texts.headers).any(|(name, _)| name == "content-type") {
            words.extend(["-H".into(), quoted("content-type:")]);
        }
        words.extend(["--data-raw".into(), quoted(&body.text)]);
    }
    let warning = if body.cut {
        "# The body below is incomplete: it was too long to be stored, or it is not text.\n"
    } else {
        ""
    };
    warning.to_owned() + &words.join(" ")
}

/// Quotes a word so that a shell takes it literally.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.into(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::quoted;

    #[test]
    fn a_shell_takes_a_quoted_word_literally() {
        let special = "it's \"quoted\"\n$HOME `id` $(id) \\n \\ !! * ? ~ # ; & | < > {a,b} é %s";
        for word in ["plain", "", "'", "''", "-n", "@file", "a\n", special] {
            let script = format!("printf %s {}x", quoted(word));
            let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{word}x"));
        }
    }
}
