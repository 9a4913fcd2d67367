/** "Watched Roads", as the languages of Takeout say it; what is not here stays part of the title. */
const WATCHED = [
  /^Watched\s+(.+)$/su,
  /^(.+)\s+angesehen$/su,
  /^Vous avez regardé\s+(.+)$/su,
  /^Has visto\s+(.+)$/su,
  /^(.+)\s*を視聴しました$/su,
  /^(?:已观看|观看了|觀看了|已觀看)\s*[:：]?\s*(.+)$/su,
];
/** The channels that YouTube makes for an artist: "Portishead - Topic". */
const TOPIC = /\s+[-–]\s+(?:Topic|Thema|Thème|Tema|トピック|主题|主題)$/u;

/** The words of a record: what its line says was watched, and the channel. */
export function youtubeListen(
  line: string,
  channel: string,
): { readonly artist: string; readonly title: string; readonly album: string } {
  const words = line.trim();
  const watched = WATCHED.map((pattern) => pattern.exec(words)?.[1]).find(
    (title) => title !== undefined,
  );
  return { artist: channel.replace(TOPIC, '').trim(), title: (watched ?? words).trim(), album: '' };
}
