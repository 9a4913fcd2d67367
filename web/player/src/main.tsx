import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { open } from './open-engine.ts';
import { Session } from './session.ts';
import './styles/base.css';
import './styles/page.css';
import './styles/list.css';
import { trustOwnScripts } from './trusted-types.ts';

trustOwnScripts();

const session = new Session(open);
void session.open();

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <App session={session} />
  </StrictMode>,
);
