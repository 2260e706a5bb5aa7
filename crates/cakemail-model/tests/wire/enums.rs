//! Every open enum: each word of the document and an unknown one, there and back.

use std::collections::BTreeSet;
use std::fmt::{Debug, Display};

use cakemail_model::accounts::AccountStatus;
use cakemail_model::contacts::DoubleOptIn;
use cakemail_model::emails::{AttachmentType, EmailType, Encoding};
use cakemail_model::lists::ListWebhookAction;
use cakemail_model::logs::{Engagement, LogType, SummaryStatus};
use cakemail_model::reports::ReportInterval;
use cakemail_model::shared::Language;
use cakemail_model::tags::TagKind;
use cakemail_model::tokens::{ApiVersion, GrantType, RefreshGrantType, Scope};
use cakemail_model::webhooks::{RateLimitPeriod, SubscribableEvent, WebhookEvent, WebhookHash, WebhookStatus};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::document::{component, reachable};

type Check = (&'static str, fn(&str));

macro_rules! checks {
    ($($component:literal => $type:ident,)+) => {
        [$(($component, |component| there_and_back(component, $type::KNOWN, $type::as_str)),)+]
    };
}

const CHECKS: [Check; 21] = checks! {
    "APIVersion" => ApiVersion,
    "AccountStatus" => AccountStatus,
    "AttachmentType" => AttachmentType,
    "DoubleOptIn" => DoubleOptIn,
    "EmailAPISummaryEngagementEnum" => Engagement,
    "EmailAPISummaryStatus" => SummaryStatus,
    "EmailTagType" => TagKind,
    "Encoding" => Encoding,
    "EventType" => WebhookEvent,
    "IntervalEnum" => ReportInterval,
    "Languages" => Language,
    "ListWebhookAction" => ListWebhookAction,
    "LogTypeV2" => LogType,
    "PasswordGrantType" => GrantType,
    "RateLimitPeriod" => RateLimitPeriod,
    "RefreshGrantType" => RefreshGrantType,
    "Scope" => Scope,
    "SignatureHashFunction" => WebhookHash,
    "SubmitEmailType" => EmailType,
    "WebhookEventType" => SubscribableEvent,
    "WebhookStatus" => WebhookStatus,
};

fn there_and_back<T>(component_name: &str, known: &[T], as_str: fn(&T) -> &str)
where
    T: Clone + Debug + Display + Default + PartialEq + Serialize + DeserializeOwned + for<'a> From<&'a str>,
{
    let words: Vec<_> =
        component(component_name)["enum"].as_array().unwrap().iter().map(|w| w.as_str().unwrap()).collect();
    assert_eq!(known.iter().map(as_str).collect::<Vec<_>>(), words, "{component_name}");
    for (value, word) in known.iter().zip(words) {
        same(value, word, as_str);
    }
    for word in ["teleported", "", " ", "ALL", "a \"quoted\" é word"] {
        let unknown = T::from(word);
        assert!(!known.contains(&unknown), "{component_name}: {word:?}");
        same(&unknown, word, as_str);
    }
    assert_eq!(T::default(), T::from(""), "{component_name}");
    for json in ["7", "null", "true", "[]", "{}"] {
        assert!(serde_json::from_str::<T>(json).is_err(), "{component_name}: {json} is no word");
    }
}

/// The value is this word in each of its forms, and comes back from it.
fn same<T>(value: &T, word: &str, as_str: fn(&T) -> &str)
where
    T: Debug + Display + PartialEq + Serialize + DeserializeOwned + for<'a> From<&'a str>,
{
    let json = serde_json::to_string(word).unwrap();
    assert_eq!(serde_json::to_string(value).unwrap(), json);
    assert_eq!(serde_json::from_str::<T>(&json).unwrap(), *value);
    assert_eq!(serde_json::from_reader::<_, T>(json.as_bytes()).unwrap(), *value, "read without borrowing");
    assert_eq!(T::from(word), *value);
    assert_eq!(as_str(value), word);
    assert_eq!(value.to_string(), word);
}

#[test]
fn every_word_and_an_unknown_one_come_back() {
    for (component, check) in CHECKS {
        check(component);
    }
}

#[test]
fn no_enum_of_the_document_is_left_out() {
    let open = |schema: &serde_json::Value| schema["enum"].is_array() && schema["x-type"].is_null();
    let all: BTreeSet<_> = reachable().into_iter().filter(|(_, schema)| open(schema)).map(|(name, _)| name).collect();
    assert_eq!(CHECKS.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), all);
}
