//! The operators that the filters of the summary may start with.

use super::document::Operation;

/// Whether `value` matches `filter`: a bare value, or one after `==`, `!=`, `~~` (contains) or `!~`.
pub(crate) fn matches(filter: &str, value: &str) -> bool {
    let (operator, operand) = split(filter);
    match operator {
        "!=" => !value.eq_ignore_ascii_case(operand),
        "~~" => value.contains(operand),
        "!~" => !value.contains(operand),
        _ => value.eq_ignore_ascii_case(operand),
    }
}

/// The operator of a filter, which may be empty, and its operand.
pub(crate) fn split(filter: &str) -> (&str, &str) {
    let operator = ["==", "!=", "~~", "!~"].into_iter().find(|operator| filter.starts_with(operator)).unwrap_or("");
    (operator, &filter[operator.len()..])
}

/// The part of a parameter that its schema describes: the summary's filters may start with an operator.
pub(crate) fn operand<'a>(operation: &Operation, parameter: &str, text: &'a str) -> &'a str {
    let has_operator = operation.id == "getEmailAPISummary" && matches!(parameter, "status" | "engagement");
    if has_operator { split(text).1 } else { text }
}
