//! Screenshots of a page, for review by a person.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::Result;
use crate::page::Page;
use crate::test_bed::TestBed;

/// The width of a small phone, in CSS pixels.
pub const PHONE: u32 = 360;

/// Writes screenshots of the page in each appearance, and the scenario's own screenshots.
pub async fn write(bed: &mut TestBed, name: &str, folder: &Path) -> Result {
    for (look, scheme, narrow) in [("light", "light", false), ("dark", "dark", false), ("phone", "light", true)] {
        scheme_of(&bed.page, scheme).await?;
        width(&bed.page, narrow).await?;
        let screenshot = bed.page.screenshot().await?;
        bed.screenshots.push((format!("{name}-{look}"), screenshot));
    }
    for (name, screenshot) in bed.screenshots.drain(..) {
        fs::write(folder.join(format!("{name}.png")), screenshot)?;
    }
    Ok(())
}

/// Emulates a system that prefers `light` or `dark`, and reduced motion.
pub async fn scheme_of(page: &Page, scheme: &str) -> Result {
    let features = json!([
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]);
    page.cdp("Emulation.setEmulatedMedia", json!({"features": features})).await?;
    Ok(())
}

pub async fn width(page: &Page, narrow: bool) -> Result {
    if narrow {
        let size = json!({"width": PHONE, "height": 740, "deviceScaleFactor": 1, "mobile": false});
        page.cdp("Emulation.setDeviceMetricsOverride", size).await?;
    } else {
        page.cdp("Emulation.clearDeviceMetricsOverride", json!({})).await?;
    }
    // The next two frames apply the new size.
    page.run("await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));", json!([]))
        .await?;
    Ok(())
}
