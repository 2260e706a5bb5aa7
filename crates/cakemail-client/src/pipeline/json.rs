//! Writes JSON as `serde_json` does, but its strings faster: of an email with a long body, escaping takes longer than
//! everything else.

mod string;

use serde::Serializer;
use serde::ser::{self, Error as _, Serialize};
use serde_json::{Error, Value};

use self::string::{write_key, write_string};

/// Appends a value as JSON.
pub(super) fn write<T: Serialize + ?Sized>(bytes: &mut Vec<u8>, value: &T) -> Result<(), Error> {
    value.serialize(Writer(bytes))
}

struct Writer<'a>(&'a mut Vec<u8>);

/// Has `serde_json` write what has nothing to escape.
macro_rules! scalars {
    ($($serialize:ident: $type:ty),* $(,)?) => {
        $(fn $serialize(self, value: $type) -> Result<(), Error> {
            serde_json::Serializer::new(self.0).$serialize(value)
        })*
    };
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Compound<'a>;
    type SerializeTuple = Compound<'a>;
    type SerializeTupleStruct = Compound<'a>;
    type SerializeTupleVariant = Compound<'a>;
    type SerializeMap = Compound<'a>;
    type SerializeStruct = Compound<'a>;
    type SerializeStructVariant = Compound<'a>;

    scalars! {
        serialize_bool: bool,
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128,
        serialize_f32: f32, serialize_f64: f64,
        serialize_char: char,
        serialize_bytes: &[u8],
        serialize_unit_struct: &'static str,
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        write_string(self.0, value);
        Ok(())
    }

    fn collect_str<T: std::fmt::Display + ?Sized>(self, value: &T) -> Result<(), Error> {
        serde_json::Serializer::new(self.0).collect_str(value)
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.0.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        let mut object = Compound::start(self.0, b'{', "}");
        object.field(variant, value)?;
        object.close()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'a>, Error> {
        Ok(Compound::start(self.0, b'[', "]"))
    }

    fn serialize_tuple(self, length: usize) -> Result<Compound<'a>, Error> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Compound<'a>, Error> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a>, Error> {
        Ok(Compound::start_variant(self.0, variant, b'[', "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'a>, Error> {
        Ok(Compound::start(self.0, b'{', "}"))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Compound<'a>, Error> {
        // With some of its features, `serde_json` passes text that is JSON already, such as a long number, like this.
        if name.starts_with("$serde_json::private::") {
            return Ok(Compound { bytes: self.0, is_empty: true, end: AS_IT_IS });
        }
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a>, Error> {
        Ok(Compound::start_variant(self.0, variant, b'{', "}}"))
    }
}

/// An array or object that is not closed yet.
struct Compound<'a> {
    bytes: &'a mut Vec<u8>,
    is_empty: bool,
    /// What closes it.
    end: &'static str,
}

/// The end of a struct whose only field is text that is JSON already.
const AS_IT_IS: &str = "";

impl<'a> Compound<'a> {
    fn start(bytes: &'a mut Vec<u8>, start: u8, end: &'static str) -> Self {
        bytes.push(start);
        Self { bytes, is_empty: true, end }
    }

    fn start_variant(bytes: &'a mut Vec<u8>, variant: &'static str, start: u8, end: &'static str) -> Self {
        bytes.push(b'{');
        write_key(bytes, variant);
        Self::start(bytes, start, end)
    }

    fn separate(&mut self) {
        if !std::mem::take(&mut self.is_empty) {
            self.bytes.push(b',');
        }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.separate();
        write(self.bytes, value)
    }

    // Inlined, so that the name is a constant.
    #[inline(always)]
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        if self.end == AS_IT_IS {
            return self.write_as_it_is(value);
        }
        self.separate();
        write_key(self.bytes, name);
        write(self.bytes, value)
    }

    fn write_as_it_is<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let Value::String(json) = serde_json::to_value(value)? else { return Err(Error::custom("no JSON")) };
        self.bytes.extend_from_slice(json.as_bytes());
        Ok(())
    }

    fn close(self) -> Result<(), Error> {
        self.bytes.extend_from_slice(self.end.as_bytes());
        Ok(())
    }
}

/// The same methods for each kind of array and object.
macro_rules! compounds {
    ($($kind:ident: $serialize:ident($($name:ident)?) = $method:ident),* $(,)?) => {
        $(impl ser::$kind for Compound<'_> {
            type Ok = ();
            type Error = Error;

            #[inline(always)]
            fn $serialize<T: Serialize + ?Sized>(&mut self, $($name: &'static str,)? value: &T) -> Result<(), Error> {
                self.$method($($name,)? value)
            }

            fn end(self) -> Result<(), Error> {
                self.close()
            }
        })*
    };
}

compounds! {
    SerializeSeq: serialize_element() = element,
    SerializeTuple: serialize_element() = element,
    SerializeTupleStruct: serialize_field() = element,
    SerializeTupleVariant: serialize_field() = element,
    SerializeStruct: serialize_field(name) = field,
    SerializeStructVariant: serialize_field(name) = field,
}

impl ser::SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.separate();
        let start = self.bytes.len();
        write(self.bytes, key)?;
        match self.bytes.get(start) {
            Some(b'"') => {}
            None | Some(b'[' | b'{' | b'n') => return Err(Error::custom("key must be a string")),
            // A number or a boolean.
            Some(_) => {
                self.bytes.insert(start, b'"');
                self.bytes.push(b'"');
            }
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.bytes.push(b':');
        write(self.bytes, value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::Serialize;
    use serde_json::{Value, json};

    use super::write;

    /// What this module writes, after `serde_json` has written the same.
    fn written<T: Serialize>(value: &T) -> String {
        let mut bytes = Vec::new();
        write(&mut bytes, value).unwrap();
        let json = String::from_utf8(bytes).unwrap();
        assert_eq!(json, serde_json::to_string(value).unwrap());
        json
    }

    #[derive(Serialize)]
    enum Variant {
        Unit,
        Newtype(Option<u8>),
        Tuple(i64, char),
        Struct { a: (), r#b: &'static str },
    }

    #[derive(Serialize)]
    struct Newtype<T>(T);

    #[derive(Serialize)]
    struct Tuple(bool, f64, f32, i128);

    #[derive(Serialize)]
    struct Unit;

    #[test]
    fn writes_every_shape_as_serde_json_does() {
        let variants = [Variant::Unit, Variant::Newtype(None), Variant::Newtype(Some(7)), Variant::Tuple(-1, '"')];
        written(&variants);
        written(&Variant::Struct { a: (), b: "\\" });
        written(&Newtype(Tuple(true, 0.1, f32::NAN, i128::MIN)));
        written(&(Unit, [(); 0], Newtype([1_u8, 2]), "é\u{2028}"));
        written(&BTreeMap::from([(1, json!({})), (-2, json!([{"": []}]))]));
        written(&BTreeMap::from([(true, 'a')]));
        assert!(write(&mut Vec::new(), &BTreeMap::from([((), 1)])).is_err());
        assert!(write(&mut Vec::new(), &BTreeMap::from([([1], 1)])).is_err());
    }

    #[test]
    fn text_that_is_json_already_is_written_as_it_is() {
        use serde::ser::{SerializeStruct, Serializer};

        struct Number;

        impl Serialize for Number {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let name = "$serde_json::private::Number";
                let mut number = serializer.serialize_struct(name, 1)?;
                number.serialize_field(name, "1e9999")?;
                number.end()
            }
        }

        let mut bytes = Vec::new();
        write(&mut bytes, &[Number]).unwrap();
        assert_eq!(bytes, b"[1e9999]");
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        scalar.prop_recursive(4, 32, 5, |value| {
            prop_oneof![
                prop::collection::vec(value.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), value, 0..5)
                    .prop_map(|fields| fields.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn writes_any_value_as_serde_json_does(value in any_value()) {
            written(&value);
        }
    }
}
