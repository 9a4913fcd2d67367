/** What the services' exports look like: a few records each, among them those that are no listens. */

export const spotifyAccount = `[
  {
    "endTime" : "2026-03-01 20:04",
    "artistName" : "Portishead",
    "trackName" : "Roads",
    "msPlayed" : 304000
  },
  {
    "endTime" : "2026-03-01 20:04",
    "artistName" : "Portishead",
    "trackName" : "Strangers",
    "msPlayed" : 0
  },
  {
    "endTime" : "1st of March",
    "artistName" : "Portishead",
    "trackName" : "Mysterons",
    "msPlayed" : 1000
  },
  {
    "endTime" : "2031-03-01 20:04",
    "artistName" : "Portishead",
    "trackName" : "Sour Times",
    "msPlayed" : 1000
  }
]`;

const extended = {
  ts: '2026-03-01T20:05:30Z',
  platform: 'ios',
  ms_played: 330_000,
  conn_country: 'DE',
  ip_addr: '192.0.2.1',
  master_metadata_track_name: null as string | null,
  master_metadata_album_artist_name: null as string | null,
  master_metadata_album_album_name: null as string | null,
  spotify_track_uri: null as string | null,
  episode_name: null as string | null,
  episode_show_name: null as string | null,
  spotify_episode_uri: null,
  audiobook_title: null as string | null,
  audiobook_uri: null,
  audiobook_chapter_uri: null,
  audiobook_chapter_title: null,
  reason_start: 'trackdone',
  reason_end: 'trackdone',
  shuffle: false,
  skipped: false,
  offline: false,
  offline_timestamp: 1_700_000_000,
  incognito_mode: false,
};
const teardrop = {
  ...extended,
  master_metadata_track_name: 'Teardrop “live”',
  master_metadata_album_artist_name: 'Massive Attack',
  master_metadata_album_album_name: 'Mezzanine',
  spotify_track_uri: 'spotify:track:1',
};

/** On one line, as Spotify writes it. */
export const spotifyExtended = JSON.stringify([
  teardrop,
  { ...extended, episode_name: 'Episode 1', episode_show_name: 'A show' },
  { ...extended, audiobook_title: 'A book' },
  { ...teardrop, incognito_mode: true },
  extended,
  [],
  { ...teardrop, ms_played: null },
]).replace(',[]', '');

export const youtubeJson = JSON.stringify(
  [
    {
      header: 'YouTube Music',
      title: 'Watched Roads',
      titleUrl: 'https://music.youtube.com/watch?v=1',
      subtitles: [{ name: 'Portishead - Topic', url: 'https://www.youtube.com/channel/1' }],
      time: '2026-03-01T20:00:00.123Z',
      products: ['YouTube'],
      activityControls: ['YouTube watch history'],
    },
    {
      header: 'YouTube',
      title: 'Watched How to boil an egg',
      titleUrl: 'https://www.youtube.com/watch?v=2',
      time: '2026-03-01T20:10:00.123Z',
    },
    {
      header: 'YouTube Music',
      title: 'Watched a video that has been removed',
      time: '2026-03-01T20:20:00Z',
    },
    {
      header: 'YouTube Music',
      title: 'Jóga angesehen',
      subtitles: [{ name: 'Björk – Thema' }],
      time: '2026-03-01T20:30:00Z',
    },
    {
      header: 'YouTube Music',
      title: 'Summer を視聴しました',
      subtitles: [{ name: '久石譲 - トピック' }],
      time: '2026-03-01T20:40:00Z',
    },
  ],
  null,
  2,
);

function cell(product: string, content: string): string {
  return (
    '<div class="outer-cell mdl-cell mdl-cell--12-col mdl-shadow--2dp"><div class="mdl-grid">' +
    '<div class="header-cell mdl-cell mdl-cell--12-col"><p class="mdl-typography--title">' +
    `${product}<br></p></div><div class="content-cell mdl-cell mdl-cell--6-col mdl-typography--body-1">` +
    `${content}</div><div class="content-cell mdl-cell mdl-cell--6-col mdl-typography--body-1 mdl-typography--text-right"></div>` +
    '<div class="content-cell mdl-cell mdl-cell--12-col mdl-typography--caption"><b>Products:</b><br>&emsp;YouTube<br></div></div></div>'
  );
}

export const youtubeHtml = [
  '<html><head><title>My Activity</title><style type="text/css">.mdl-grid{display:flex}</style></head><body><div class="mdl-grid">',
  cell(
    'YouTube Music',
    'Watched\u{A0}<a href="https://music.youtube.com/watch?v=1">Roads &amp; Glory Box</a><br>' +
      '<a href="https://www.youtube.com/channel/1">Portishead - Topic</a><br>Mar 1, 2026, 8:00:00\u{202F}PM CET<br>',
  ),
  cell('YouTube', 'Watched\u{A0}<a href="https://x">An egg</a><br>Mar 1, 2026, 8:00:00 PM CET<br>'),
  cell(
    'YouTube Music',
    '<a href="https://x">Jóga</a> angesehen<br><a>Björk – Thema</a><br>01.03.2026, 20:00:00 MEZ<br>',
  ),
  '</div></body></html>',
].join('\n');

function entries(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([key, value]) => `\t\t\t<key>${key}</key>${value}`).join('\n');
}

export const appleLibrary = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple Computer//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Major Version</key><integer>1</integer>
	<key>Date</key><date>2026-06-01T10:00:00Z</date>
	<key>Tracks</key>
	<dict>
		<key>101</key>
		<dict>
${entries([
  ['Track ID', '<integer>101</integer>'],
  ['Total Time', '<integer>304000</integer>'],
  ['Date Added', '<date>2024-01-01T10:00:00Z</date>'],
  ['Play Count', '<integer>3</integer>'],
  ['Play Date', '<integer>3855000000</integer>'],
  ['Play Date UTC', '<date>2026-03-01T20:00:00Z</date>'],
  ['Name', '<string>Roads &#38; more</string>'],
  ['Artist', '<string>Portishead</string>'],
  ['Album', '<string>Dummy</string>'],
])}
		</dict>
		<key>102</key>
		<dict>
${entries([
  ['Name', '<string>Never played</string>'],
  ['Artist', '<string>Portishead</string>'],
  ['Explicit', '<true/>'],
])}
		</dict>
		<key>103</key>
		<dict>
			<key>Podcast</key><true/>
			<key>Play Count</key><integer>1</integer>
			<key>Play Date UTC</key><date>2026-03-01T20:00:00Z</date>
			<key>Name</key><string>Episode</string>
			<key>Artist</key><string>A show</string>
		</dict>

		<key>104</key>
		<dict>
			<key>Play Count</key><integer>1</integer>
			<key>Name</key><string>Played, nobody knows when</string>
			<key>Artist</key><string>Massive Attack</string>
		</dict>
	</dict>
	<key>Playlists</key>
	<array>
		<dict>
			<key>Name</key><string>Library</string>
			<key>Playlist Items</key>
			<array><dict><key>Track ID</key><integer>101</integer></dict></array>
		</dict>
	</array>
</dict>
</plist>
`;

export const applePlayActivity = [
  'Album Name,Container Artist Name,Event End Timestamp,Event Start Timestamp,Event Type,Media Duration In Milliseconds,Media Type,Play Duration Milliseconds,Song Name',
  'Dummy,Portishead,2026-03-01T20:03:20.000Z,2026-03-01T20:00:00.000Z,PLAY_END,304000,AUDIO,200000,"Roads, ""live"""',
  'Dummy,Portishead,,2026-03-01T20:00:00.000Z,PLAY_START,304000,AUDIO,0,Roads',
  'A film,Somebody,2026-03-01T20:03:20Z,2026-03-01T20:00:00Z,PLAY_END,1,VIDEO,1,A film',
  'Dummy,Portishead,2026-03-01T20:03:20Z,2026-03-01T20:00:00Z,PLAY_END,304000,AUDIO,0,Roads',
  'Dummy,,2026-03-01T20:03:20Z,2026-03-01T20:00:00Z,PLAY_END,304000,AUDIO,1000,Roads',
  'too,few',
  '',
].join('\r\n');

export const appleDailyTracks = [
  'Country,Track Identifier,Media type,Date Played,Hours,Play Duration Milliseconds,End Reason Type,Source Type,Play Count,Skip Count,Ignore For Recommendations,Track Reference,Track Description',
  'Germany,1,AUDIO,20260301,"20, 21",330000,NATURAL_END_OF_TRACK,IPHONE,1,0,false,1,Massive Attack - Teardrop - Remastered',
  'Germany,1,AUDIO,20260301,20,330000,NATURAL_END_OF_TRACK,IPHONE,1,0,TRUE,1,Massive Attack - Angel',
  '',
].join('\n');
