//! The URL of another database of the same server.

/// The URL with this database instead of its own.
pub fn with_database(url: &str, name: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let (before, options) = match rest.split_once('?') {
        Some((before, options)) => (before, format!("?{options}")),
        None => (rest, String::new()),
    };
    let authority = before.split('/').next().unwrap_or_default();
    format!("{scheme}://{authority}/{name}{options}")
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn only_the_database_changes() {
        let cases = [
            ("postgres://a@127.0.0.1:5433/b", "postgres://a@127.0.0.1:5433/test"),
            ("postgresql://a:b@c", "postgresql://a:b@c/test"),
            ("postgres://c/d?sslmode=disable", "postgres://c/test?sslmode=disable"),
        ];
        for (url, expected) in cases {
            assert_eq!(with_database(url, "test"), expected);
        }
    }
}
