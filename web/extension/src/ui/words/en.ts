/** The words of the extension's own pages, in English. Parts that it has from the player bring theirs along. */
const number = new Intl.NumberFormat('en-GB');
const sites = (n: number): string => `${number.format(n)} ${n === 1 ? 'site' : 'sites'}`;

export const en = {
  titles: { popup: 'Ossicle', panel: 'Ossicle', privacy: 'Privacy · Ossicle' },

  first: {
    title: 'Learns what you like, here and nowhere else',
    text: [
      'Turn on a site where you listen, and Ossicle notes what plays there.',
      'It is kept on this device and sent nowhere.',
      'From it come artists that you do not know yet.',
    ],
  },

  site: {
    title: 'This site',
    listen: (host: string) => `Listen along on ${host}`,
    on: 'What plays there is kept on this device.',
    off: 'Off: Ossicle sees nothing of it. The browser asks you once.',
    closed: 'The browser lets no extension into this page. Open a site where you listen.',
    refused: (host: string) => `${host} stays off. Nothing was changed.`,
    private: 'On. In a private session nothing of it is kept.',
    failed: 'The browser did not do it. Try again.',
  },

  now: {
    plays: 'Now playing',
    paused: 'Paused',
    on: (host: string) => `on ${host}`,
    nothing: 'Nothing plays on a site that is on.',
    kept: (plays: number) =>
      plays === 1
        ? 'You have played this once.'
        : plays === 2
          ? 'You have played this twice.'
          : `You have played this ${number.format(plays)} times.`,
    unknown: 'The catalogue does not know this artist yet. The play still counts in your history.',
    notYet: 'Nothing in your history speaks for it yet.',
    private: 'Private session: this play is not written down.',
  },

  verdict: {
    loved: (name: string) => `You love ${name}: take it back`,
    banned: (name: string) => `${name} is never shown: take it back`,
  },

  next: {
    title: 'Next for you',
    popular: 'Most listened to',
    empty:
      'Nothing was played yet, so this is what most people listen to. It becomes yours as you listen.',
    leftOut: 'Nothing is learnt from your history now, so this is what most people listen to.',
    notMatched:
      'The catalogue does not know your artists yet, so this is what most people listen to. Love one or two, and the list becomes yours.',
    private: 'Private session: what you choose here is not written down.',
    change: 'Change this',
  },

  search: {
    title: 'Search',
    label: 'Find an artist',
    hint: 'A name, or a style',
    nothing: (query: string) => `Nothing found for “${query}”.`,
    site: (host: string) => `Searches on ${host}`,
    web: 'Searches the web with DuckDuckGo',
    onSite: (name: string, host: string) => `Search for ${name} on ${host}`,
    onWeb: (name: string) => `Search the web for ${name} with DuckDuckGo`,
  },

  private: {
    label: 'Private session',
    text: 'Keeps nothing, until you switch it off or close the browser.',
    full: 'Until you switch it off or close the browser, nothing that you play, love or skip is written down. A file that you give to Ossicle is.',
  },

  opening: 'The engine and its catalogue come with the extension. Nothing is fetched.',

  links: { panel: 'Open at the side', privacy: 'Privacy' },

  sites: {
    title: 'Sites that are on',
    text: 'Ossicle notes what plays on these, and sees no other.',
    none: 'None. Open Ossicle on a site where you listen, and turn it on there.',
    off: 'Turn off',
    offLabel: (host: string) => `Turn ${host} off`,
    allOff: (n: number) => (n === 1 ? 'Turn it off' : `Turn all ${sites(n)} off`),
    everywhere: 'every site',
    failed: 'The browser did not turn it off. You can do so in its own settings of the extension.',
    turnedOff: (host: string) => `${host} is off.`,
    allTurnedOff: 'All sites are off.',
  },

  privacy: {
    plays: 'What I play on the sites that are on',
    settings: 'Language, colours and the switches above.',
    move: 'Move your history',
    moveText:
      'Take in an export of a music service, or the file that the Ossicle player has saved. The file saved here opens in the player, too.',
    eraseSure:
      'This deletes your history, your choices and your settings from this browser. Sites that are on stay on until you turn them off. It cannot be undone.',
    eraseFailed: 'Nothing was erased: the extension did not answer. Try again.',
  },
};
