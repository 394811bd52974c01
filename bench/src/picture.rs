//! The results as a picture: a bar for each client, a group of bars for each way.

use std::fmt::Write;

use crate::contest::Results;
use crate::contestants::Who;
use crate::work::Way;

const WIDTH: f64 = 880.0;
const LEFT: f64 = 250.0;
const RIGHT: f64 = 90.0;
const BAR: f64 = 18.0;
const GAP: f64 = 4.0;
const HEAD: f64 = 34.0;

/// An SVG picture of the rates.
pub fn rates(results: &Results) -> String {
    let mut body = String::new();
    let mut at = 56.0;
    for way in Way::TRANSFERS {
        let there: Vec<(Who, f64)> = Who::ALL
            .into_iter()
            .filter_map(|who| Some((who, results.rate(who, way)? / 1e6)))
            .collect();
        let most = there.iter().map(|(_, rate)| *rate).fold(1.0, f64::max);
        let _ = writeln!(
            body,
            "<text x=\"20\" y=\"{:.0}\" font-weight=\"bold\">{}, MB/s</text>",
            at + 16.0,
            way.title()
        );
        at += HEAD - 8.0;
        for (who, rate) in there {
            let length = rate / most * (WIDTH - LEFT - RIGHT);
            let color = if who.is_driver() {
                "#0969da"
            } else {
                "#8c959f"
            };
            let _ = writeln!(
                body,
                "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\" font-size=\"13\">{}</text>\
                 <rect x=\"{LEFT:.0}\" y=\"{at:.0}\" width=\"{length:.1}\" height=\"{BAR:.0}\" fill=\"{color}\"/>\
                 <text x=\"{:.1}\" y=\"{:.0}\" font-size=\"13\">{rate:.*}</text>",
                LEFT - 8.0,
                at + 14.0,
                who.title(),
                LEFT + length + 6.0,
                at + 14.0,
                usize::from(rate < 100.0),
            );
            at += BAR + GAP;
        }
        at += 14.0;
    }
    let place = if results.pinned {
        "one processor"
    } else {
        "all processors"
    };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH:.0} {at:.0}\" role=\"img\" font-family=\"system-ui, \
         'DejaVu Sans', 'Segoe UI', Helvetica, Arial, sans-serif\" font-size=\"14\" fill=\"#1f2328\">\n\
         <title>How fast files move on a pseudo-terminal</title>\n\
         <desc>Bars of megabytes a second for each client, grouped by the four ways to move a file; those of nlftp are \
         blue.</desc>\n\
         <rect x=\"0.5\" y=\"0.5\" width=\"{:.0}\" height=\"{:.0}\" rx=\"8\" fill=\"#f6f8fa\" stroke=\"#8c959f\"/>\n\
         <text x=\"20\" y=\"32\" fill=\"#57606a\">best of {} rounds on {place}, no pacing; longer is faster</text>\n{body}</svg>\n",
        WIDTH - 1.0,
        at - 1.0,
        results.scale.rounds
    )
}
