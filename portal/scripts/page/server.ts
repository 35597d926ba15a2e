// What the page and the server say to each other (docs/format.md, section 8).

import { type Card, mayNotRead, parseCard, parseRetirement } from "../format/cards.js";
import { type Bytes, b64d, canonicalJson, concat, idFromHex, uint } from "../format/encoding.js";
import { Fault } from "../format/errors.js";
import { type Listing, verifyList } from "../format/listing.js";
import { loggedLength } from "../log/loggedlist.js";
import { attempt } from "../format/casehead.js";
import type { Recipient } from "../format/seal.js";

const TRIES = 5;
const WAIT = 1500;

/** The server refused, or could not be reached (`offline`); `word` is section 8's. */
export class Refused extends Error {
  constructor(
    readonly word: string,
    readonly answer: Record<string, unknown> = {},
  ) {
    super(word);
  }
}

/** What a site says about itself, checked. */
export interface Site {
  salt: Bytes;
  signPk: Bytes;
  day: string;
  list: Listing;
  /** How much of the list is in the log: envelopes go by it. -1: the site does not show it, and nothing is sealed. */
  logged: number;
  /** The cards that envelopes are sealed to today. */
  active: Card[];
  /** How much of the list the leaves of today go by. */
  tagged: number;
  /** The log's verifier key, N, and the indexes of its `key` leaves; null where the site has no log. */
  log: { vkey: string; hidden: number; keys: number[] } | null;
}

let stop = new AbortController();

/** Stop what is being sent: it fails with `stopped`, and so does the rest until `allowSending`. */
export function stopSending(): void {
  stop.abort();
}

/** Let what is sent from now on go, after `stopSending`. */
export function allowSending(): void {
  stop = new AbortController();
}

function root(): string {
  return document.documentElement.dataset.root ?? "";
}

/** What the server answered: JSON, each field of which is checked where it is used. */
export interface Answer {
  [name: string]: unknown;
}

async function ask(path: string, options: RequestInit): Promise<Answer> {
  let answer: Response, content: Answer;
  try {
    answer = await fetch(path, {
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      signal: stop.signal,
      ...options,
    });
    content = (await answer.json()) as Answer;
  } catch {
    throw new Refused(stop.signal.aborted ? "stopped" : "offline");
  }
  if (!answer.ok) throw new Refused(typeof content.error === "string" ? content.error : "offline", content);
  return content;
}

/** Call the browser API: `path` below /sealed. Throws Refused. */
export function post(path: string, body: unknown): Promise<Answer> {
  return ask(`${root()}/sealed/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Fetch who can read, and check it. Throws Refused, Fault. */
export async function fetchSite(): Promise<Site> {
  const answer = await ask(`${root()}/keys.json`, {});
  if (answer.v !== 1) throw new Fault("CardVersion");
  const documents = (answer.list as Record<string, unknown>[]).map((entry) =>
    "card" in entry ? parseCard(canonicalJson(entry.card)) : parseRetirement(canonicalJson(entry.retirement)),
  );
  const list = verifyList(documents);
  const salt = b64d(answer.salt);
  const logged = attempt(() => loggedLength(answer.log, list, salt), -1);
  const log = answer.log as (Site["log"] & { length?: number }) | undefined;
  return {
    salt,
    signPk: b64d(answer.site_sign_pk),
    day: answer.day as string,
    list,
    logged,
    active: list.sealedTo(Math.max(logged, 0)),
    // A number that is none of the list's makes a leaf that the server does not take.
    tagged: Math.min(log?.length ?? 0, list.length),
    log: log ?? null,
  };
}

/** The key ids of cards. */
export const idsOf = (cards: Card[]) => new Set(cards.map((card) => card.keyId));

/** The slots of an envelope: everybody whose card is in the log and not retired, and who of them is excluded, or off the case. */
export function recipientsOf(
  { list, active }: Site,
  exclude: Set<string>,
  atReport = idsOf(active),
  off = new Set<string>(),
): Recipient[] {
  const out = mayNotRead([...list.cards.values()], exclude, off, atReport);
  return active.map((card) => ({ keyId: idFromHex(card.keyId), boxPk: card.boxPk, exclude: out.has(card.keyId) }));
}

/** The readers of a list who were not readers of another one. */
export function newcomers(now: Site, before: Site): Card[] {
  const known = idsOf(before.active);
  return now.active.filter((card) => !known.has(card.keyId));
}

const pause = () => new Promise((done) => setTimeout(done, WAIT));

/** Send one piece of an object; after a lost connection once more: what arrived already is a repeat. */
export async function sendPiece(id: Bytes, total: number, at: number, piece: Bytes): Promise<void> {
  const body = concat(id, uint(total, 8), uint(at, 8), piece);
  for (let tries = 0; ; tries++) {
    try {
      await ask(`${root()}/sealed/piece`, {
        method: "POST",
        headers: { "Content-Type": "application/octet-stream" },
        body,
      });
      return;
    } catch (error) {
      if (!(error instanceof Refused) || error.word !== "offline" || tries === TRIES) throw error;
      await pause();
    }
  }
}

/** A page of the site; nothing of it runs. `body`: what is posted as JSON. Null where it can't be had. */
export function fetchPage(path: string, body?: unknown): Promise<Document | null> {
  return new Promise((done) => {
    const asked = new XMLHttpRequest();
    asked.responseType = "document";
    asked.onloadend = () => done(asked.status === 200 ? asked.responseXML : null);
    asked.open(body ? "POST" : "GET", path);
    if (body) asked.setRequestHeader("Content-Type", "application/json");
    asked.send(body ? JSON.stringify(body) : null);
  });
}
