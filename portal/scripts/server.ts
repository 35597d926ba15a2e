// What the page and the server say to each other (docs/format.md, section 8).

import { type Card, type Retirement, parseCard, parseRetirement, shutOut, verifyChain } from "./cards.js";
import { type Bytes, b64d, canonicalJson, concat, hexId, idFromHex, uint } from "./encoding.js";
import { Fault } from "./errors.js";
import type { Recipient } from "./seal.js";

export const PIECE = 1048576;
const TRIES = 5;
const WAIT = 1500;

/** The server refused, or could not be reached (`offline`); `word` is section 8's. */
export class Refused extends Error {
  constructor(readonly word: string, readonly answer: Record<string, unknown> = {}) {
    super(word);
  }
}

/** What a site says about itself, checked. */
export interface Site {
  salt: Bytes;
  signPk: Bytes;
  day: string;
  cards: Card[];
  retirements: Retirement[];
}

function root(): string {
  return document.documentElement.dataset.root ?? "";
}

async function ask(path: string, options: RequestInit): Promise<Record<string, any>> {
  let answer: Response, found: Record<string, any>;
  try {
    answer = await fetch(path, { credentials: "omit", cache: "no-store", redirect: "error", ...options });
    found = await answer.json();
  } catch {
    throw new Refused("offline");
  }
  if (!answer.ok) throw new Refused(typeof found.error === "string" ? found.error : "offline", found);
  return found;
}

export function post(path: string, body: unknown): Promise<Record<string, any>> {
  return postTo(`${root()}/sealed/${path}`, body);
}

export function postTo(path: string, body: unknown): Promise<Record<string, any>> {
  return ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

/** Fetch who can read, and check it. Throws Refused, Fault. */
export async function fetchSite(): Promise<Site> {
  const found = await ask(`${root()}/keys.json`, {});
  if (found.v !== 1) throw new Fault("CardVersion");
  const cards = found.cards.map((one: { card: unknown }) => parseCard(canonicalJson(one.card)));
  const retirements = found.retirements.map((one: unknown) => parseRetirement(canonicalJson(one)));
  verifyChain(cards, retirements);
  const salt = b64d(found.salt);
  return { salt, signPk: b64d(found.site_sign_pk), day: found.day, cards, retirements };
}

/** The slots of an envelope: everybody who is enrolled, and who of them is shut out. */
export function recipientsOf(site: Site, exclude: Set<string>, atReport?: Set<string>): Recipient[] {
  const retired = new Set(site.retirements.map((note) => note.keyId));
  const active = site.cards.filter((card) => !retired.has(card.keyId));
  const out = shutOut(site.cards, exclude, atReport ?? new Set(active.map((card) => card.keyId)));
  return active.map((card) => ({ keyId: idFromHex(card.keyId), boxPk: card.boxPk, shutOut: out.has(card.keyId) }));
}

const pause = () => new Promise((done) => setTimeout(done, WAIT));

/** Send an object; after a lost connection it goes on where the server is. `told` gets the part from 0 to 1. */
export async function sendObject(id: Bytes, object: Blob, told: (part: number) => void): Promise<void> {
  let at = 0;
  let tries = 0;
  while (at < object.size) {
    const piece = new Uint8Array(await object.slice(at, at + PIECE).arrayBuffer());
    const body = concat(id, uint(object.size, 8), uint(at, 8), piece);
    const headers = { "Content-Type": "application/octet-stream" };
    try {
      const answer = await ask(`${root()}/sealed/piece`, { method: "POST", headers, body });
      at = answer.have;
      tries = 0;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.word === "have") at = Number(error.answer.have);
      else if (error.word !== "offline") throw error;
      if (++tries > TRIES) throw error;
      if (error.word === "offline") {
        await pause();
        at = await post("have", { object: hexId(id) }).then((answer) => answer.have, () => at);
      }
    }
    told(at / object.size);
  }
}
