// The answers of the form, and how many of each thing a payload may have (docs/format.md, 2.4; crypto/payloads.py).

const REST =
  "when noticed where who personal_data how_many cause how_often witnesses wishes amount books gain rule danger why " +
  "concealment concealed_by told_whom evidence";
/** The answers of the form that are texts, in its order (cases/form.py). */
export const ANSWERS = /* @__PURE__ */ ("what_happened " + REST).split(" ");
/** All questions of the form, in its order; what it is about is asked where the site wants it. */
export const FIELDS = /* @__PURE__ */ ("what_happened category " + REST).split(" ");
/** Languages of the site's pages; `easy` is plain Japanese. */
export const LANGUAGES = ["ja", "en", "easy"];
/** What a reporter can choose that a form is about, where the site asks. */
export const CATEGORIES = ["leak", "harassment", "accounting", "other"];
/** What auditors alone can say that a report is treated as (2.17). */
export const NO_REPORT = "not_a_report";
/** What a reporter's message can say that it is; without any of them it is an ordinary one. */
export const MEANINGS = ["withdraw", "correct", "name"];
/** How a report came that an auditor wrote down (2.14). */
export const CHANNELS = ["telephone", "letter", "talk"];
/** Hashes of answers that a message names at most. */
export const MAX_SEEN = 16;
/** Persons that are excluded at most. */
export const MAX_EXCLUDED = 64;
/** The highest number of a choice. */
export const MAX_CHOICE = 2 ** 32 - 1;
/** Files of a message at most. */
export const MAX_FILES = 20;
/** Bytes of an object that are sent at a time (section 8). */
export const PIECE = 1048576;
