//! The macros that the model's types are written with.

/// An enum of the words a server is known to use, which also reads, keeps and writes any other.
///
/// Defines the variants, an opaque `Unrecognized` one, `as_str`, `Display`, an infallible
/// `FromStr`, and both halves of serde as a plain string.
#[macro_export]
#[doc(hidden)]
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $word:literal $(| $alias:literal)*, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$variant_meta])* $variant, )+
            /// A word that this version does not know, kept as it came.
            Unrecognized($crate::de::Unrecognized),
        }

        impl $name {
            /// Every word that this version knows, in the document's order.
            pub const KNOWN: &'static [Self] = &[$( Self::$variant, )+];

            /// The word as it is on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $word, )+
                    Self::Unrecognized(word) => word.as_str(),
                }
            }
        }

        impl ::core::convert::From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $( $word $(| $alias)* => Self::$variant, )+
                    other => Self::Unrecognized($crate::de::Unrecognized::new(other)),
                }
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = ::core::convert::Infallible;

            fn from_str(word: &str) -> ::core::result::Result<Self, Self::Err> {
                Ok(Self::from(word))
            }
        }

        impl ::core::default::Default for $name {
            /// The empty word: what an answer that leaves the value out reads as.
            fn default() -> Self {
                Self::from("")
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::core::result::Result<Self, D::Error> {
                $crate::de::word(deserializer)
            }
        }
    };
}

/// Something a caller sends: `new` takes what is required, and a setter stands for each option.
#[macro_export]
#[doc(hidden)]
macro_rules! request {
    // Nothing is required: `new` and `Default` are one.
    (
        $(#[$meta:meta])*
        pub struct $name:ident { optional { $($optional:tt)* } }
    ) => {
        $crate::request!(@struct [$(#[$meta])* #[derive(Default)]] $name { } { $($optional)* });
        impl $name {
            /// Starts with nothing set.
            pub fn new() -> Self {
                Self::default()
            }

            $crate::request!(@setters Option::Some { $($optional)* });
        }
    };
    (
        $(#[$meta:meta])*
        pub struct $name:ident { required { $($required:tt)* } $( optional { $($optional:tt)* } )? }
    ) => {
        $crate::request!(@struct [$(#[$meta])*] $name { $($required)* } { $($($optional)*)? });
        impl $name {
            $crate::request!(@new { $($required)* } { $($($optional)*)? });
            $crate::request!(@setters Option::Some { $($($optional)*)? });
        }
    };

    (@struct [$(#[$meta:meta])*] $name:ident
        { $( $(#[$r_meta:meta])* $r:ident : $r_type:ty, )* }
        { $( $(#[$o_meta:meta])* $o:ident : $o_type:ty, )* }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        #[non_exhaustive]
        pub struct $name {
            $( $(#[$r_meta])* pub $r: $r_type, )*
            $( $(#[$o_meta])* #[serde(default, skip_serializing_if = "Option::is_none")] pub $o: Option<$o_type>, )*
        }
    };

    (@new { $( $(#[$r_meta:meta])* $r:ident : $r_type:ty, )+ } { $( $(#[$o_meta:meta])* $o:ident : $o_type:ty, )* }) => {
        /// Starts from what is required; nothing else is set.
        pub fn new($( $r: impl Into<$r_type> ),+) -> Self {
            Self { $( $r: $r.into(), )+ $( $o: None, )* }
        }
    };

    // Numbers and flags are taken as they are, or a literal would have no type; all else converts.
    (@setters $set:path { $(#[doc = $doc:literal])* $(#[serde($($s:tt)*)])* $f:ident : u64, $($rest:tt)* }) => {
        $(#[doc = $doc])* pub fn $f(mut self, $f: u64) -> Self { self.$f = $set($f); self }
        $crate::request!(@setters $set { $($rest)* });
    };
    (@setters $set:path { $(#[doc = $doc:literal])* $(#[serde($($s:tt)*)])* $f:ident : f64, $($rest:tt)* }) => {
        $(#[doc = $doc])* pub fn $f(mut self, $f: f64) -> Self { self.$f = $set($f); self }
        $crate::request!(@setters $set { $($rest)* });
    };
    (@setters $set:path { $(#[doc = $doc:literal])* $(#[serde($($s:tt)*)])* $f:ident : $type:ty, $($rest:tt)* }) => {
        $(#[doc = $doc])* pub fn $f(mut self, $f: impl Into<$type>) -> Self { self.$f = $set($f.into()); self }
        $crate::request!(@setters $set { $($rest)* });
    };
    (@setters $set:path { }) => {};
}

/// The body of a `PATCH`: each field is left alone, cleared or set (see [`Patch`](crate::Patch)).
#[macro_export]
#[doc(hidden)]
macro_rules! patch {
    (
        $(#[$meta:meta])*
        pub struct $name:ident { $($fields:tt)* }
    ) => {
        $crate::patch!(@struct [$(#[$meta])*] $name { $($fields)* });
        impl $name {
            /// Starts with a patch that changes nothing.
            pub fn new() -> Self {
                Self::default()
            }

            $crate::request!(@setters $crate::Patch::Set { $($fields)* });
        }
    };
    (@struct [$(#[$meta:meta])*] $name:ident { $( $(#[$f_meta:meta])* $f:ident : $type:ty, )* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        #[non_exhaustive]
        pub struct $name {
            $( $(#[$f_meta])* #[serde(default, skip_serializing_if = "Patch::is_leave")] pub $f: $crate::Patch<$type>, )*
        }
    };
}

/// An [`Operation`](crate::Operation): its route, what it sends, and what comes back.
#[macro_export]
#[doc(hidden)]
macro_rules! operation {
    // With a body, which is borrowed: a call never copies what it sends.
    (
        $(#[$meta:meta])*
        pub struct $name:ident = $id:literal $method:ident $path:literal $effect:ident $([$($flag:ident),*])? {
            $( path { $( $(#[$p_meta:meta])* $p:ident : $p_type:ty, )+ } )?
            $( query $query:ty, )?
            body $body_format:ident $body:ty,
            answer $format:ident $output:ty,
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub struct $name<'a> {
            $( $( $(#[$p_meta])* pub $p: $p_type, )+ )?
            $( /// What goes into the query string.
            pub query: $query, )?
            /// What goes into the body.
            pub body: &'a $body,
        }

        impl $crate::Operation for $name<'_> {
            $crate::operation!(@route $id $method $path $effect $([$($flag)*])? $format $output);
            $crate::operation!(@path $path $($($p)+)?);
            $crate::operation!(@query $($query)?);
            const BODY: $crate::Format = $crate::Format::$body_format;
            type Body = $body;

            fn body(&self) -> Option<&Self::Body> {
                Some(self.body)
            }
        }
    };
    (
        $(#[$meta:meta])*
        pub struct $name:ident = $id:literal $method:ident $path:literal $effect:ident $([$($flag:ident),*])? {
            $( path { $( $(#[$p_meta:meta])* $p:ident : $p_type:ty, )+ } )?
            $( query $query:ty, )?
            answer $format:ident $output:ty,
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub struct $name {
            $( $( $(#[$p_meta])* pub $p: $p_type, )+ )?
            $( /// What goes into the query string.
            pub query: $query, )?
        }

        impl $crate::Operation for $name {
            $crate::operation!(@route $id $method $path $effect $([$($flag)*])? $format $output);
            $crate::operation!(@path $path $($($p)+)?);
            $crate::operation!(@query $($query)?);
            type Body = ();
        }
    };

    (@route $id:literal $method:ident $path:literal $effect:ident $([$($flag:ident)*])? $format:ident $output:ty) => {
        const ID: &'static str = $id;
        const METHOD: $crate::Method = $crate::Method::$method;
        const PATH: &'static str = $path;
        const IDEMPOTENCY: $crate::Idempotency = $crate::Idempotency::$effect;
        const OUTPUT: $crate::Format = $crate::Format::$format;
        $( $( $crate::operation!(@flag $flag); )* )?
        type Output = $output;
    };

    (@flag account) => { const ACCOUNT: bool = true; };
    (@flag public) => { const AUTH: bool = false; };

    (@path $path:literal) => {
        fn path(&self) -> ::std::borrow::Cow<'static, str> {
            ::std::borrow::Cow::Borrowed($path)
        }
    };
    (@path $path:literal $($p:ident)+) => {
        fn path(&self) -> ::std::borrow::Cow<'static, str> {
            ::std::borrow::Cow::Owned($crate::path::fill($path, &[$( &self.$p ),+]))
        }
    };

    (@query) => { type Query = (); };
    (@query $query:ty) => {
        type Query = $query;

        fn query(&self) -> Option<&Self::Query> {
            Some(&self.query)
        }
    };
}
