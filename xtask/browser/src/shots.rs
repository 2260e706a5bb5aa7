//! Pictures of a page, to be looked at.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::Result;
use crate::page::Page;
use crate::stage::Stage;

/// As wide as a small phone, in CSS pixels.
pub const PHONE: u32 = 360;

/// Writes how a page is now, in each of its looks, and what was taken by the way.
pub async fn write(stage: &mut Stage, name: &str, folder: &Path) -> Result {
    for (look, scheme, narrow) in [("light", "light", false), ("dark", "dark", false), ("phone", "light", true)] {
        scheme_of(&stage.page, scheme).await?;
        width(&stage.page, narrow).await?;
        let picture = stage.page.picture().await?;
        stage.pictures.push((format!("{name}-{look}"), picture));
    }
    for (name, picture) in stage.pictures.drain(..) {
        fs::write(folder.join(format!("{name}.png")), picture)?;
    }
    Ok(())
}

/// As on a system that prefers `light` or `dark`, and no motion.
pub async fn scheme_of(page: &Page, scheme: &str) -> Result {
    let features = json!([
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]);
    page.debug("Emulation.setEmulatedMedia", json!({"features": features})).await?;
    Ok(())
}

pub async fn width(page: &Page, narrow: bool) -> Result {
    if narrow {
        let size = json!({"width": PHONE, "height": 740, "deviceScaleFactor": 1, "mobile": false});
        page.debug("Emulation.setDeviceMetricsOverride", size).await?;
    } else {
        page.debug("Emulation.clearDeviceMetricsOverride", json!({})).await?;
    }
    // Shown anew by the next frame.
    page.run("await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));", json!([]))
        .await?;
    Ok(())
}
