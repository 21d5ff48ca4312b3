// Why a request got no answer that can be used.
import { shell as words } from "./words.js";

/** A refusal the server explained (RFC 9457). */
export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || body?.title || words.answered(status));
    this.status = status;
    this.kind = body?.type ?? "";
    this.title = body?.title ?? "";
    this.field = body?.field ?? null;
  }
}

/** Nobody answered. */
export class Unreachable extends Error {
  constructor() {
    super(words.unanswered);
  }
}
