//! A long list.

use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::json;

use crate::Result;
use crate::test_bed::{TestBed, ensure};

const EMAILS: usize = 1000;

/// The most rows that the page may have.
const MAX_ROWS: i64 = 60;

pub async fn scale(bed: &mut TestBed) -> Result {
    let mailer = bed.mailer().await?;
    let send = async |n: usize| mailer.send(&format!("reader{n}@example.com"), &format!("Number {n}")).await.map(drop);
    stream::iter(0..EMAILS).map(send).buffered(1).try_collect::<()>().await?;
    let page = &bed.page;
    page.wait_for(&format!("text('.total') === '{} emails'", "1,000")).await?;
    for place in ["0.5", "1", "0.25"] {
        page.run("const box = $('.master .scroll'); box.scrollTop = box.scrollHeight * given[0];", json!([place]))
            .await?;
        let index = "Math.floor($('.master .scroll').scrollTop / $('#messages li').offsetHeight)";
        page.wait_for(&format!("$$('#messages li').some(it => it.innerText.includes(`Number ${{999 - {index}}}\n`))"))
            .await?;
        let rows = page.evaluate("$$('#messages li').length").await?;
        ensure(rows.as_i64().is_some_and(|rows| rows <= MAX_ROWS), format!("the page has {rows} rows"))?;
    }
    // The row in view stays in place when others arrive.
    let place = "(() => { const edge = $('.master .scroll').getBoundingClientRect().top; \
                 const it = $$('#messages li').find(it => it.getBoundingClientRect().bottom > edge); \
                 return `${it.querySelector('.subject').innerText} ${Math.round(it.getBoundingClientRect().top - edge)}`; })()";
    let before = page.evaluate(place).await?;
    for n in 0..3 {
        mailer.send("late@example.com", &format!("Late {n}")).await?;
    }
    page.wait_for("text('.total') === '1,003 emails'").await?;
    page.wait_for(
        "text('[role=status].offscreen').endsWith('new emails') || text('[role=status].offscreen') === '1 new email'",
    )
    .await?;
    let after = page.evaluate(place).await?;
    ensure(before == after, format!("the list moved: {before}, then {after}"))
}
