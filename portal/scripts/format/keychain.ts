// Which keys a reporter's words are signed with (docs/format.md, 2.10; crypto/reporter_keys.py).

import { type Bytes, b64d, idFromHex } from "./encoding.js";
import { FROM_REPORTER, REPORT } from "./envelope.js";
import { Fault } from "./errors.js";
import { verify } from "./keys.js";
import { type Payload, takenText, verifyMessage } from "./messages.js";

/** Public keys of a receipt code. */
export interface ReporterKeys {
  mailboxPk: Bytes;
  signPk: Bytes;
}

function keysOf(payload: Payload): ReporterKeys | null {
  try {
    const mailboxPk = b64d(payload.mailbox_pk);
    const signPk = b64d(payload.reporter_sign_pk);
    return mailboxPk.length === 32 && signPk.length === 32 ? { mailboxPk, signPk } : null;
  } catch {
    return null;
  }
}

function isSigned(kind: number, payload: Payload, keys: ReporterKeys): boolean {
  try {
    verifyMessage(kind, payload, keys.signPk);
    return true;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

/** Tell whether the holder of the new keys agreed: else a forger's keys could lead to the keys of a true code. */
function isTaken(payload: Payload, old: ReporterKeys, fresh: ReporterKeys): boolean {
  try {
    verify(fresh.signPk, takenText(idFromHex(payload.case_id), old.signPk, fresh.mailboxPk), b64d(payload.new_sig));
    return true;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

/** The report's keys, if it is signed with the one it names, then each new pair that the one before has signed. */
export class Chain {
  current: ReporterKeys | null;

  constructor(report: Payload) {
    const keys = keysOf(report);
    this.current = keys && isSigned(REPORT, report, keys) ? keys : null;
  }

  static of(keys: ReporterKeys): Chain {
    const chain = new Chain({});
    chain.current = keys;
    return chain;
  }

  /** Tell whether a kind 2 payload is the reporter's; payloads come in the order of the feed. */
  accept(payload: Payload): boolean {
    if (!this.current || !isSigned(FROM_REPORTER, payload, this.current)) return false;
    const fresh = "message" in payload ? null : keysOf(payload);
    if (fresh && !isTaken(payload, this.current, fresh)) return false;
    this.current = fresh ?? this.current;
    return true;
  }
}
