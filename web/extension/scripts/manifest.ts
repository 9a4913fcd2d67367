/** The manifest of each browser. What may be done at all is decided here, so it is written out and tested word for word. */
import { DEFAULT_LANGUAGE, type MessageName } from './messages.ts';

export const BROWSERS = ['chromium', 'firefox'] as const;
export type Browser = (typeof BROWSERS)[number];

/** Paths inside the extension. */
export const FILES = {
  background: 'background.js',
  content: 'content.js',
  page: 'page.js',
  popup: 'popup.html',
  panel: 'panel.html',
  privacy: 'privacy.html',
} as const;

export const ICON_SIZES = [16, 32, 48, 128] as const;

/** Nothing but the extension's own files, for anything. WebAssembly is compiled code too, and has a word of its own. */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "object-src 'none'",
  "frame-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Firefox's part, which @types/chrome does not know. */
interface FirefoxOnly {
  readonly sidebar_action: {
    readonly default_panel: string;
    readonly default_title: string;
    readonly default_icon: Icons;
    readonly open_at_install: boolean;
  };
  readonly browser_specific_settings: {
    readonly gecko: {
      readonly id: string;
      readonly strict_min_version: string;
      readonly data_collection_permissions: { readonly required: readonly ['none'] };
    };
  };
}

type Icons = Readonly<Record<string, string>>;
type Background =
  | { readonly service_worker: string; readonly type: 'module' }
  | { readonly scripts: readonly string[]; readonly type: 'module' };

export interface Manifest extends Partial<FirefoxOnly> {
  readonly manifest_version: 3;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly default_locale: string;
  readonly minimum_chrome_version?: string;
  readonly icons: Icons;
  readonly permissions: readonly string[];
  readonly optional_host_permissions: readonly string[];
  readonly incognito: 'not_allowed';
  readonly background: Background;
  readonly action: {
    readonly default_popup: string;
    readonly default_title: string;
    readonly default_icon: Icons;
  };
  readonly options_ui: { readonly page: string; readonly open_in_tab: boolean };
  readonly side_panel?: { readonly default_path: string };
  readonly content_security_policy: { readonly extension_pages: string };
}

const message = (name: MessageName): string => `__MSG_${name}__`;

export function manifestOf(browser: Browser, version: string): Manifest {
  const icons = Object.fromEntries(ICON_SIZES.map((size) => [size, `icons/${size}.png`]));
  const both = {
    manifest_version: 3,
    name: 'Ossicle',
    version,
    description: message('description'),
    default_locale: DEFAULT_LANGUAGE,
    icons,
    // Sites are asked for one by one, when the person turns them on; the scripts that listen are registered then.
    optional_host_permissions: ['https://*/*', 'http://*/*'],
    incognito: 'not_allowed',
    action: { default_popup: FILES.popup, default_title: 'Ossicle', default_icon: icons },
    options_ui: { page: FILES.privacy, open_in_tab: true },
    content_security_policy: { extension_pages: POLICY },
  } as const;
  const permissions = ['storage', 'scripting', 'activeTab'];
  if (browser === 'chromium') {
    return {
      ...both,
      permissions: [...permissions, 'offscreen', 'sidePanel'],
      minimum_chrome_version: '120',
      background: { service_worker: FILES.background, type: 'module' },
      side_panel: { default_path: FILES.panel },
    };
  }
  return {
    ...both,
    permissions,
    background: { scripts: [FILES.background], type: 'module' },
    sidebar_action: {
      default_panel: FILES.panel,
      default_title: message('panel'),
      default_icon: icons,
      open_at_install: false,
    },
    browser_specific_settings: {
      gecko: {
        id: 'ossicle@ossicle.example',
        // From here on the declaration below is known on all systems.
        strict_min_version: '142.0',
        data_collection_permissions: { required: ['none'] },
      },
    },
  };
}
