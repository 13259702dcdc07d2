//! The foot of a printed page: the date, the address of the page, and the address as a QR code.

use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};
use registry::presentation::Say as _;

use crate::visit::Visit;

/// The empty border around the code, in modules: four, after ISO/IEC 18004.
const QUIET_ZONE: usize = 4;

/// Shown on paper alone.
pub(crate) fn foot(visit: &Visit) -> Markup {
    let locale = visit.locale;
    let address = format!("{}{}", visit.context.public_url, visit.address.text());
    html! {
        div class="printed" aria-hidden="true" {
            @if let Some(code) = code(&address) { (code) }
            div {
                p { (locale.say("打印日期：", "Printed on ")) (visit.context.today) }
                p { (locale.say("扫码或按此网址查看最新内容：", "The newest content is at: ")) span class="address" { (address) } }
            }
        }
    }
}

/// A QR code as SVG: one path, a rectangle for each run of dark modules. `None` for a text that is too long.
fn code(text: &str) -> Option<Markup> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let width = code.width();
    let path = path(&code.to_colors(), width);
    let side = width + 2 * QUIET_ZONE;
    Some(html! {
        svg class="qr" viewBox={ "0 0 " (side) " " (side) } width="120" height="120" shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    })
}

fn path(modules: &[Color], width: usize) -> String {
    use std::fmt::Write as _;
    let mut path = String::new();
    for (y, row) in modules.chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let length = row[x..].iter().take_while(|color| **color == Color::Dark).count();
            if length > 0 {
                let _ = write!(path, "M{} {}h{length}v1H{}z", x + QUIET_ZONE, y + QUIET_ZONE, x + QUIET_ZONE);
            }
            x += length.max(1);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_dark_modules_are_rectangles() {
        let modules = [Color::Dark, Color::Dark, Color::Light, Color::Light, Color::Light, Color::Dark];
        assert_eq!(path(&modules, 3), "M4 4h2v1H4zM6 5h1v1H6z");
        assert!(code("https://tongban.example.cn/matter/LGA000000001").is_some());
        assert!(code(&"长".repeat(2_000)).is_none());
    }
}
