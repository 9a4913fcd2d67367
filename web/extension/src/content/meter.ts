/** Measures the plays of one frame. Knows neither the DOM nor a clock. */
import { TOLD_EVERY_MS, type PlayEnd, type PlayReport } from '../wire/plays.ts';
import { Play, isSame, type Named } from './play.ts';
import { Stretch, type Heard, type Now, type SoundState } from './stretch.ts';

/** One media element, or the page's own sound. */
interface Sound {
  readonly stretch: Stretch;
  /** Counted anew whenever another source is set. */
  segment: number;
  createdAt: number;
  startedAt: number;
  moves: boolean;
  durationMs: number | null;
}

/** A page has a handful; more are a flood. */
const MOST_SOUNDS = 32;
/** Pages name a song shortly before or after they set its source. */
const EARLY_NAME_MS = 3000;
const LATE_NAME_MS = 10_000;
/** A name that changes within these was not settled yet. */
const UNSETTLED_MS = 500;
const UNSETTLED_AD_MS = 2000;
/** Songs of one source that is cross-faded into the next. */
const LONGEST_FADE_MS = 15_000;
const BEGINNING_MS = 2000;
/** Shorter loops are beds of silence that keep a page's sound alive. */
const LEAST_LOOP_MS = 30_000;
const SAME_LENGTH_MS = 5000;

export class Meter {
  readonly #newId: () => string;
  readonly #tell: (report: PlayReport) => void;
  readonly #sounds = new Map<unknown, Sound>();
  #segments = 0;
  /** The sound that is measured. */
  #lead: Sound | null = null;
  #named: Named = null;
  #namedAt = 0;
  /** The source that bears the name already: in another one it may be a left-over. */
  #namedSegment: number | null = null;
  /** What is heard now; has no name as long as it is not sure. */
  #play: Play | null = null;
  /** The song that has not ended. Waits while something else is heard. */
  #song: Play | null = null;

  constructor(newId: () => string, tell: (report: PlayReport) => void) {
    this.#newId = newId;
    this.#tell = tell;
  }

  get moves(): boolean {
    return this.#lead?.moves ?? false;
  }

  /** `opens`: it has another source from now on. */
  sound(key: unknown, state: SoundState, now: Now, opens = false): void {
    const sound = this.#soundOf(key, now);
    if (sound === null) return;
    const heard = sound.stretch.advance(state, now.at);
    const isLead = sound === this.#lead;
    if (isLead) this.#hear(sound, heard, state, now, opens);
    if (opens) {
      sound.segment = ++this.#segments;
      sound.createdAt = now.at;
    }
    if (state.moves && !sound.moves) sound.startedAt = now.at;
    sound.moves = state.moves;
    sound.durationMs = state.durationMs;
    if (isLead && state.ended) this.#ended(sound, now);
    this.#follow(now);
    this.#update(now);
  }

  /** The page names what plays. */
  name(named: Named, now: Now): void {
    if (isSame(named, this.#named)) {
      this.#named = named;
      return;
    }
    this.#named = named;
    this.#namedAt = now.at;
    this.#namedSegment = null;
    // Often it is only about to say something else.
    if (named === null) return;
    this.#rename(named, now);
    this.#update(now);
  }

  /** All is over. */
  leave(now: Now): void {
    this.#settle(now);
    this.#endSong('left', now);
    this.#play = null;
    this.#lead = null;
    this.#sounds.clear();
  }

  #soundOf(key: unknown, now: Now): Sound | null {
    const known = this.#sounds.get(key);
    if (known !== undefined) return known;
    if (this.#sounds.size >= MOST_SOUNDS) {
      const idle = [...this.#sounds].find(([, other]) => !other.moves && other !== this.#lead);
      if (idle === undefined) return null;
      this.#sounds.delete(idle[0]);
    }
    const times = { createdAt: now.at, startedAt: now.at };
    const segment = ++this.#segments;
    const fresh = { stretch: new Stretch(), segment, ...times, moves: false, durationMs: null };
    this.#sounds.set(key, fresh);
    return fresh;
  }

  #hear(sound: Sound, heard: Heard, state: SoundState, now: Now, opens: boolean): void {
    const play = this.#play;
    if (play?.segment !== sound.segment) return;
    play.hear(heard);
    if (opens) return;
    play.setDuration(state.durationMs);
    const isAgain = state.positionMs <= BEGINNING_MS && state.positionMs < play.reachedMs;
    if (isAgain && play.isNearEnd && !state.ended) this.#again(play, sound, now);
  }

  /** From its end it went back to its beginning. */
  #again(play: Play, sound: Sound, now: Now): void {
    if (play !== this.#song) return;
    if ((play.durationMs ?? 0) < LEAST_LOOP_MS) {
      play.isWhole = false;
      return;
    }
    const { named } = play;
    this.#endSong('finished', now);
    this.#play = this.#newPlay(sound, now, true);
    this.#call(this.#play, named, now);
  }

  #ended(sound: Sound, now: Now): void {
    this.#settle(now);
    const play = this.#play;
    if (play?.segment !== sound.segment) return;
    // The name of the next song came early: the next source goes on with it.
    if (!play.isWhole && play.heardMs < LONGEST_FADE_MS) return;
    if (play === this.#song) this.#endSong('finished', now);
    this.#play = null;
  }

  /** Finds the sound to measure, and what it belongs to. */
  #follow(now: Now): void {
    if (this.#lead?.moves !== true) this.#lead = this.#latest() ?? this.#lead;
    const lead = this.#lead;
    if (lead?.moves !== true) return;
    const play = this.#play;
    if (play?.segment === lead.segment) {
      if (play.named === null && play.heardMs >= LATE_NAME_MS) this.#settle(now);
      return;
    }
    this.#settle(now);
    const song = this.#song;
    const isStill = this.#named === null || isSame(song?.named ?? null, this.#named);
    if (song?.segment === lead.segment && isStill) {
      this.#play = song;
      return;
    }
    this.#play = this.#newPlay(lead, now, true);
    if (this.#isFresh(lead)) this.#call(this.#play, this.#named, now);
  }

  #latest(): Sound | null {
    let latest: Sound | null = null;
    for (const sound of this.#sounds.values()) {
      if (sound.moves && sound.startedAt >= (latest?.startedAt ?? 0)) latest = sound;
    }
    return latest;
  }

  /** Whether the name the page gives was meant for this source. */
  #isFresh(sound: Sound): boolean {
    if (this.#namedSegment === null || this.#namedSegment === sound.segment) return true;
    if (this.#song?.isEarly !== true) return false;
    const isNewer = sound.createdAt > this.#namedAt;
    return (isNewer ? sound.createdAt : sound.startedAt) - this.#namedAt <= EARLY_NAME_MS;
  }

  #newPlay(sound: Sound, now: Now, isWhole: boolean): Play {
    const play = new Play(this.#newId(), now.date, sound.segment, isWhole);
    play.setDuration(sound.durationMs);
    return play;
  }

  #rename(named: Named, now: Now): void {
    const play = this.#play;
    const lead = this.#lead;
    if (play === null || lead === null) {
      this.#supersede(named, now);
      return;
    }
    if (play.named !== null && isSame(play.named, named)) {
      this.#namedSegment = play.segment;
      return;
    }
    if (!lead.moves && play.heardMs < UNSETTLED_MS) {
      // It never came to anything.
      if (play === this.#song) this.#song = null;
      this.#play = null;
      this.#supersede(named, now);
    } else if (play.named === null || this.#isUnsettled(play)) {
      if (play === this.#song) this.#song = null;
      play.isEarly ||= play.named !== null;
      this.#call(play, named, now);
    } else if (lead.moves) {
      // One song may fade into the next, in another element.
      const latest = this.#latest() ?? lead;
      this.#lead = latest;
      this.#play = this.#newPlay(latest, now, latest !== lead);
      this.#call(this.#play, named, now);
    } else {
      this.#supersede(named, now);
      this.#play = null;
    }
  }

  /** Another song is named, and nothing is heard of it yet. */
  #supersede(named: Named, now: Now): void {
    if (named !== 'ad' && !isSame(this.#song?.named ?? null, named)) this.#endSong('skipped', now);
  }

  #isUnsettled(play: Play): boolean {
    const limit = play.named === 'ad' ? UNSETTLED_AD_MS : UNSETTLED_MS;
    return play.isWhole && play.heardMs < limit;
  }

  /** No other name came: it is what the page still says. */
  #settle(now: Now): void {
    const play = this.#play;
    const song = this.#song;
    if (play === null || play.named !== null || this.#named === null) return;
    if (song !== null && isSame(song.named, this.#named) && !song.isEarly) {
      const [a, b] = [song.durationMs, play.durationMs];
      // An advertisement that bears the name of the song it interrupts.
      if (a !== null && b !== null && Math.abs(a - b) > SAME_LENGTH_MS) return;
    }
    this.#call(play, this.#named, now);
  }

  #call(play: Play, named: Named, now: Now): void {
    if (named === null) return;
    this.#namedSegment = play.segment;
    const song = this.#song;
    if (named === 'ad') {
      play.named = named;
    } else if (song !== null && isSame(song.named, named) && !song.isNearEnd) {
      song.take(play);
      this.#play = song;
    } else {
      this.#endSong('skipped', now);
      play.named = named;
      this.#song = play;
    }
  }

  #endSong(end: PlayEnd, now: Now): void {
    const song = this.#song;
    this.#song = null;
    if (song !== null) this.#report(song, song.isNearEnd ? 'finished' : end, now);
  }

  #update(now: Now): void {
    const song = this.#song;
    if (song === null) return;
    const playing = this.moves && this.#play === song;
    const hasChanged = song.playing !== playing;
    song.playing = playing;
    const isDue = playing && now.at - (song.toldAt ?? -TOLD_EVERY_MS) >= TOLD_EVERY_MS;
    if (hasChanged || song.toldAt === null || isDue) this.#report(song, null, now);
  }

  #report(play: Play, end: PlayEnd | null, now: Now): void {
    const report = play.report(end);
    if (report === null) return;
    play.toldAt = now.at;
    this.#tell(report);
  }
}
