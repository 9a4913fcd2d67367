/** The offscreen document of Chromium. */
import { startHome } from './home.ts';

startHome(() => close());
