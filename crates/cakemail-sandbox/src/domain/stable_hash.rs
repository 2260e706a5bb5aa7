//! A hash that is equal in every build and on every machine, for values that are stored.

use serde_json::{Map, Value};

/// 64-bit FNV-1a, with a final mix so that every input bit reaches every output bit. It does not
/// resist an adversary.
pub(crate) struct StableHash(u64);

impl StableHash {
    /// Hashes with different seeds are independent of each other.
    pub(crate) fn new(seed: u64) -> Self {
        let mut hash = Self(0xcbf2_9ce4_8422_2325);
        hash.bytes(&seed.to_le_bytes());
        hash
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// Hashes a text with its length before it, so that the boundary between two texts counts.
    pub(crate) fn text(&mut self, text: &str) {
        self.bytes(&(text.len() as u64).to_le_bytes());
        self.bytes(text.as_bytes());
    }

    /// Hashes a JSON object. The order of its fields makes no difference.
    pub(crate) fn object(&mut self, fields: &Map<String, Value>) {
        let mut fields: Vec<_> = fields.iter().collect();
        fields.sort_unstable_by_key(|(name, _)| *name);
        self.bytes(b"{");
        for (name, value) in fields {
            self.text(name);
            self.value(value);
        }
        self.bytes(b"}");
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => self.object(fields),
            Value::Array(items) => {
                self.bytes(b"[");
                items.iter().for_each(|item| self.value(item));
                self.bytes(b"]");
            }
            Value::String(text) => {
                self.bytes(b"\"");
                self.text(text);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => self.text(&value.to_string()),
        }
    }

    pub(crate) fn finish(self) -> u64 {
        let mut hash = self.0;
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        hash ^ (hash >> 33)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn hashed(value: &Value) -> u64 {
        let mut hash = StableHash::new(0);
        hash.object(value.as_object().unwrap());
        hash.finish()
    }

    #[test]
    fn stored_hashes_never_change() {
        let mut hash = StableHash::new(7);
        hash.text("zoe@example.com");
        assert_eq!(hash.finish(), STORED);
        assert_eq!(hashed(&json!({"a": [1, "b", null, true], "c": {"d": 0.5}})), STORED_OBJECT);
    }

    const STORED: u64 = 12_755_212_838_693_324_269;
    const STORED_OBJECT: u64 = 17_199_578_129_696_676_203;

    #[test]
    fn the_order_of_fields_makes_no_difference_and_everything_else_does() {
        let original = json!({"a": ["x", "yz"], "b": {"c": 1}});
        assert_eq!(hashed(&original), hashed(&serde_json::from_str(r#"{"b":{"c":1},"a":["x","yz"]}"#).unwrap()));
        for other in [
            json!({"a": ["xy", "z"], "b": {"c": 1}}),
            json!({"a": ["yz", "x"], "b": {"c": 1}}),
            json!({"a": ["x", "yz"], "b": {"c": "1"}}),
            json!({"a": ["x", "yz"], "b": {}, "c": 1}),
            json!({"a": ["x", "yz", {}], "b": {"c": 1}}),
        ] {
            assert_ne!(hashed(&original), hashed(&other), "{other}");
        }
    }
}
