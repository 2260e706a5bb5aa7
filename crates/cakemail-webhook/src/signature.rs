//! Signatures: the base64 of the HMAC-SHA256 of the raw body.

use std::fmt;

use cakemail_model::webhooks::WebhookWithSignature;
use cakemail_model::{Secret, base64};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::Rejection;

/// A name of the signature header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignatureHeader {
    /// `x-signature`: the name in the API documentation.
    #[default]
    #[serde(rename = "x-signature")]
    Signature,
    /// `X-Cakemail-Signature`: the name in the newer guide.
    #[serde(rename = "X-Cakemail-Signature")]
    CakemailSignature,
}

impl SignatureHeader {
    /// Both names.
    pub const ALL: [Self; 2] = [Self::CakemailSignature, Self::Signature];

    /// The header's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signature => "x-signature",
            Self::CakemailSignature => "X-Cakemail-Signature",
        }
    }
}

/// Signs a body as Cakemail does: for tests, and for a server that simulates Cakemail.
///
/// Under an empty key the signature is empty, and no [`Verifier`] accepts it.
pub fn sign(key: &Secret, raw_body: &[u8]) -> String {
    hmac(key).map(|mac| base64::encode(mac.chain_update(raw_body).finalize().into_bytes())).unwrap_or_default()
}

/// How many signatures of a request are compared with the body's. A gateway adds one or two.
const MAX_SIGNATURES: usize = 16;

/// Verifies that a body was signed with one of several keys.
///
/// `Debug` does not show the keys.
#[derive(Clone)]
pub struct Verifier(Vec<Hmac<Sha256>>);

impl Verifier {
    /// Creates a verifier with one key.
    ///
    /// An empty key verifies nothing, so that a missing setting does not accept forged deliveries.
    pub fn new(key: impl Into<Secret>) -> Self {
        Self::from_iter([key.into()])
    }

    /// Adds a key: each webhook has its own, and while a webhook is replaced, both of its keys are valid.
    ///
    /// ```
    /// use cakemail_webhook::Verifier;
    ///
    /// let verifier = Verifier::new("key of Email.Bounced").key("key of Email.Clicked");
    /// ```
    #[must_use]
    pub fn key(mut self, key: impl Into<Secret>) -> Self {
        self.0.extend(hmac(&key.into()));
        self
    }

    /// Verifies the value of a signature header against the raw body.
    ///
    /// Several signatures may be separated by commas; one valid signature is enough. White space around a signature is
    /// ignored, and its base64 may lack the padding. The time does not depend on which key or signature matches.
    ///
    /// # Errors
    /// [`Rejection::InvalidSignature`].
    pub fn verify(&self, raw_body: &[u8], signature: impl AsRef<[u8]>) -> Result<(), Rejection> {
        self.verify_values(raw_body, [signature])
    }

    /// Verifies the signature headers among `headers`: all of both names.
    pub(crate) fn verify_headers<N: AsRef<str>, V: AsRef<[u8]>>(
        &self,
        headers: impl IntoIterator<Item = (N, V)>,
        raw_body: &[u8],
    ) -> Result<(), Rejection> {
        let is_signature = |name: &str| SignatureHeader::ALL.iter().any(|it| it.name().eq_ignore_ascii_case(name));
        let mut values = headers.into_iter().filter(|(name, _)| is_signature(name.as_ref())).map(|(_, value)| value);
        let first = values.next().ok_or(Rejection::MissingSignature)?;
        self.verify_values(raw_body, std::iter::once(first).chain(values))
    }

    fn verify_values<V: AsRef<[u8]>>(
        &self,
        raw_body: &[u8],
        values: impl IntoIterator<Item = V>,
    ) -> Result<(), Rejection> {
        let mut tags = Vec::new();
        for value in values {
            tags.extend(value.as_ref().split(|byte| *byte == b',').filter_map(decode));
        }
        tags.truncate(MAX_SIGNATURES);
        // The body is hashed once for each key, not for each signature, and no comparison is left out.
        let matches = self.0.iter().fold(false, |matches, key| {
            let mac = key.clone().chain_update(raw_body);
            tags.iter().fold(matches, |matches, tag| matches | mac.clone().verify_slice(tag).is_ok())
        });
        if matches { Ok(()) } else { Err(Rejection::InvalidSignature) }
    }
}

impl From<Vec<WebhookWithSignature>> for Verifier {
    /// Collects the keys of these webhooks.
    fn from(webhooks: Vec<WebhookWithSignature>) -> Self {
        webhooks.into_iter().filter_map(|webhook| webhook.signature.key).collect()
    }
}

impl FromIterator<Secret> for Verifier {
    fn from_iter<I: IntoIterator<Item = Secret>>(keys: I) -> Self {
        Self(keys.into_iter().filter_map(|key| hmac(&key)).collect())
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verifier({} keys)", self.0.len())
    }
}

/// The HMAC with this key, or `None` for an empty key.
fn hmac(key: &Secret) -> Option<Hmac<Sha256>> {
    let bytes = key.expose().as_bytes();
    if bytes.is_empty() { None } else { Hmac::new_from_slice(bytes).ok() }
}

/// Decodes the base64 of an HMAC-SHA256, with or without its padding.
fn decode(signature: &[u8]) -> Option<[u8; 32]> {
    let text = signature.trim_ascii();
    let padding: &[u8] = if text.ends_with(b"=") { b"" } else { b"=" };
    base64::decode([text, padding].concat())?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use cakemail_model::base64;
    use hmac::{Hmac, KeyInit};
    use sha2::Sha256;

    use super::{Verifier, sign};

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    /// Key, data and HMAC-SHA-256 from RFC 4231, section 4, without the truncated fifth case.
    #[test]
    fn computes_the_hmacs_of_rfc_4231() {
        let large = "This is a test using a larger than block-size key and a larger than block-size data. \
                     The key needs to be hashed before being used by the HMAC algorithm.";
        let vectors: [(Vec<u8>, Vec<u8>, &str); 6] = [
            (vec![0x0b; 20], b"Hi There".into(), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe".into(),
                b"what do ya want for nothing?".into(),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (vec![0xaa; 20], vec![0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            ((1..=25).collect(), vec![0xcd; 50], "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
            (
                vec![0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First".into(),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
            (vec![0xaa; 131], large.into(), "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
        ];
        for (key, data, tag) in vectors {
            // From the bytes, since some of these keys are not UTF-8.
            let verifier = Verifier(vec![Hmac::<Sha256>::new_from_slice(&key).unwrap()]);
            assert!(verifier.verify(&data, base64::encode(hex(tag))).is_ok(), "{tag}");
            if let Ok(key) = String::from_utf8(key) {
                assert_eq!(sign(&key.into(), &data), base64::encode(hex(tag)), "{tag}");
            }
        }
    }

    #[test]
    fn rejects_a_truncated_signature() {
        let key = "key".into();
        let tag = base64::decode(sign(&key, b"body")).unwrap();
        let verifier = Verifier::new(key);
        for length in 0..32 {
            assert!(verifier.verify(b"body", base64::encode(&tag[..length])).is_err(), "{length}");
        }
    }
}
