//! Open enums: the values that a server is known to use, and any other.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::super::document::Schema;
use super::super::names;
use super::{Writer, docs};

impl Writer<'_> {
    pub(super) fn open_enum(&mut self, name: &str, schema: &Schema, values: &[String]) {
        let variants = variants(schema, values);
        self.text.push('\n');
        docs(&mut self.text, "///", &schema.description);
        let _ =
            writeln!(self.text, "#[derive(Debug, Clone, PartialEq, Eq, Hash)]\n#[non_exhaustive]\npub enum {name} {{");
        for (variant, value) in &variants {
            let described = schema.variant_descriptions.get(value).cloned();
            docs(&mut self.text, "    ///", &described.unwrap_or_else(|| format!("`{value}`")));
            let _ = writeln!(self.text, "    {variant},");
        }
        self.text.push_str(
            "    /// A value unknown to this version, preserved verbatim.\n    Unrecognized(de::Unrecognized),\n}\n",
        );
        let arms = |arm: &dyn Fn(&str, &str) -> String| {
            variants.iter().map(|(variant, value)| arm(variant, value)).collect::<Vec<_>>().join("\n")
        };
        let known = arms(&|variant, _| format!("Self::{variant},"));
        let written = arms(&|variant, value| format!("Self::{variant} => {value:?},"));
        let read = arms(&|variant, value| format!("{value:?} => Self::{variant},"));
        let _ = write!(
            self.text,
            r#"
impl {name} {{
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] = &[{known}];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {{
        match self {{
            {written}
            Self::Unrecognized(value) => value.as_str(),
        }}
    }}
}}

impl From<&str> for {name} {{
    fn from(value: &str) -> Self {{
        match value {{
            {read}
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }}
    }}
}}

impl FromStr for {name} {{
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {{
        Ok(Self::from(value))
    }}
}}

impl Default for {name} {{
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {{
        Self::from("")
    }}
}}

impl fmt::Display for {name} {{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {{
        f.write_str(self.as_str())
    }}
}}

impl Serialize for {name} {{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {{
        serializer.serialize_str(self.as_str())
    }}
}}

impl<'de> Deserialize<'de> for {name} {{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {{
        de::word(deserializer)
    }}
}}
"#
        );
    }
}

/// Each variant's name and the value that it stands for.
fn variants<'a>(schema: &Schema, values: &'a [String]) -> Vec<(String, &'a str)> {
    let mut taken = BTreeSet::new();
    let name = |(index, value): (usize, &'a String)| {
        let mut name = schema.variant_names.get(index).cloned().unwrap_or_else(|| names::pascal(value));
        while !taken.insert(name.clone()) {
            name.push('_'); // two values that differ in no letter
        }
        (name, value.as_str())
    };
    values.iter().enumerate().map(name).collect()
}
