/** Where tracks come from. What each source does is in this folder; `Library` (../library/types.ts) is what the page calls. */

/** 'files': chosen through `<input webkitdirectory>`; the browser forgets them when the page is left, the library does not. */
export type SourceKind = 'folder' | 'files' | 'server' | 'demo';

/**
 * 'ready'; 'ask': the browser wants the person to allow the folder again (`Library.allow`, in a click); 'choose': the files must be chosen again
 * (`Library.addFiles` with the same folder). In both cases its tracks stay listed and cannot be played until then.
 */
export type SourceState = 'ready' | 'ask' | 'choose';

export interface SourceInfo {
  readonly id: string;
  readonly kind: SourceKind;
  /** Name of the folder, or host of the server. */
  readonly name: string;
  readonly state: SourceState;
  readonly tracks: number;
  /** Files that could not be read in the last scan. */
  readonly problems: number;
  /** Milliseconds since 1970. */
  readonly addedAt: number;
  /** When a scan last came to its end; null: never, so a scan is due. */
  readonly scannedAt: number | null;
}

/** How to reach a Subsonic or OpenSubsonic server. */
export interface ServerSettings {
  /** As typed: "music.example.org", "http://192.168.1.5:4533/navidrome". Without a scheme: https. */
  readonly address: string;
  readonly login:
    | { readonly user: string; readonly password: string }
    /** OpenSubsonic's apiKeyAuthentication. */
    | { readonly apiKey: string };
  /** Tell the server of plays and loved tracks (`scrobble`, `star`, `unstar`). Default false: then nothing is told. */
  readonly tell?: boolean;
}

export type ScanStage = 'looking' | 'reading';

export interface ScanProgress {
  /** 'looking': counting what is there (`total` still grows); 'reading': tags are read. */
  readonly stage: ScanStage;
  readonly done: number;
  readonly total: number;
  /** Sizes of the files done and of all; 0 for a server, which does not say before. */
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** null: too early to tell. */
  readonly secondsLeft: number | null;
  /** The file or album being read. */
  readonly current: string;
}

export interface ScanOptions {
  readonly onProgress?: (progress: ScanProgress) => void;
  /** Aborted: what was read stays, and the next scan goes on from there. */
  readonly signal?: AbortSignal;
}

export interface ScanReport {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
  readonly problems: readonly FileProblem[];
}

/**
 * 'corrupt', 'empty': not listed as a track; 'unreadable': the browser could not open it; 'untagged': listed, with a title made of the file's
 * name; 'unsupported': an audio format that this browser cannot play, listed all the same.
 */
export type FileProblemKind = 'corrupt' | 'empty' | 'unreadable' | 'untagged' | 'unsupported';

export interface FileProblem {
  readonly path: string;
  readonly kind: FileProblemKind;
  /** In plain words, for the details. */
  readonly reason: string;
}

export type SourceErrorCode =
  | 'bad_address'
  | 'unreachable'
  | 'timeout'
  | 'server_error'
  | 'wrong_password'
  | 'token_refused'
  | 'not_allowed'
  | 'not_found'
  | 'bad_answer'
  | 'mixed_content'
  | 'no_relay'
  | 'permission'
  | 'files_gone'
  | 'folder_gone'
  | 'unknown_source'
  | 'unknown_track'
  | 'quota_exceeded'
  | 'store_unavailable';

/** Every failure of a source or of the library. `message` says what happened and what to do; `at` is the address, path or call. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly code: SourceErrorCode;
  readonly at: string | null;

  constructor(code: SourceErrorCode, message: string, at: string | null = null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.at = at;
  }
}
