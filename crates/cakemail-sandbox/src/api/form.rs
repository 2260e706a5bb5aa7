//! Parses forms: urlencoded and multipart. An official client sends multipart.

/// The fields of a form; `None` when the body is not one. An empty field counts as absent.
pub(crate) fn fields(content_type: &str, body: &[u8]) -> Option<Vec<(String, String)>> {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    let all = match kind.to_ascii_lowercase().as_str() {
        "application/x-www-form-urlencoded" => serde_urlencoded::from_bytes(body).ok()?,
        "multipart/form-data" => multipart(boundary(content_type)?, body)?,
        _ => return None,
    };
    Some(all.into_iter().filter(|(_, value): &(String, String)| !value.is_empty()).collect())
}

/// The boundary of a multipart body's parts.
pub(crate) fn boundary(content_type: &str) -> Option<&str> {
    let value = content_type.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?;
    Some(value.trim_matches('"')).filter(|boundary| !boundary.is_empty())
}

/// Plain fields only: no form of the API has files.
fn multipart(boundary: &str, body: &[u8]) -> Option<Vec<(String, String)>> {
    let body = str::from_utf8(body).ok()?;
    let delimiter = format!("--{boundary}");
    let (_, body) = body.split_once(delimiter.as_str())?;
    let mut fields = Vec::new();
    for part in body.split(format!("\r\n{delimiter}").as_str()).take_while(|part| !part.starts_with("--")) {
        let (head, value) = part.split_once("\r\n\r\n")?;
        fields.push((name(head)?.to_owned(), value.to_owned()));
    }
    Some(fields)
}

/// The field's name in the headers of a part.
pub(crate) fn name(head: &str) -> Option<&str> {
    let is_disposition = |line: &&str| line.to_ascii_lowercase().starts_with("content-disposition:");
    let disposition = head.lines().find(is_disposition)?;
    let name = disposition.split(';').find_map(|part| part.trim().strip_prefix("name="))?;
    Some(name.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(fields: &[(&str, &str)]) -> Option<Vec<(String, String)>> {
        Some(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn multipart_and_urlencoded_yield_the_same_fields() {
        let expected = pairs(&[("username", "a+b@c.de"), ("password", "x\r\ny")]);
        let multipart = "--X\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\na+b@c.de\r\n--X\r\n\
            content-disposition: form-data; name=\"password\"\r\n\r\nx\r\ny\r\n--X--\r\n";
        assert_eq!(fields("multipart/form-data; boundary=X", multipart.as_bytes()), expected);
        let urlencoded = b"username=a%2Bb%40c.de&password=x%0D%0Ay&scopes=";
        assert_eq!(fields("application/x-www-form-urlencoded; charset=utf-8", urlencoded), expected);
    }

    #[test]
    fn other_bodies_are_not_forms() {
        assert_eq!(fields("application/json", b"{}"), None);
        assert_eq!(fields("multipart/form-data", b"--X"), None);
        assert_eq!(fields("multipart/form-data; boundary=X", b"nothing"), None);
        assert_eq!(fields("application/x-www-form-urlencoded", b""), pairs(&[]));
    }
}
