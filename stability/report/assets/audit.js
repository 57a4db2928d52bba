// The page on an audit: filters, links to claims, keys, and the verification of its records.
//
// For readers' scripts and tests:
//   article.claim#<claim id>, with data-status, data-decision, data-weight, data-section ("<write-up>/<section>"), and
//     data-checked "good" or "bad" once its records were verified; in it details > summary, .says, .meta, .unfolded,
//     .part.place/.statement/.reason/.repair/.picture/.agreement/.premises/.records;
//   .record[data-record=<name>], in it .words (what must be concluded), button.verify, button.show,
//     output.outcome[data-outcome="none" | "busy" | "good" | "bad"];
//   #_search, #_weight, #_section, button.chip[data-filter=<status>], #_reset, #_unfold, #_shown ("12 of 124 claims");
//   #_verify-all, #_progress, #_verified[data-outcome]; document.documentElement.dataset.verified is "N of M" then;
//   data: #_records (names to texts), #_checker (the worker); section.writeup#_writeup-<id>, li.finding.

import { startFilters } from "./filters.js";
import { startLinks } from "./links.js";
import { startVerifying } from "./verify.js";

startFilters();
startLinks();
startVerifying();
