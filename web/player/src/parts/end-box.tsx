import { ChevronDown, X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import {
  Button,
  ComboBox,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Text,
} from 'react-aria-components';
import type { End } from '../state/wish.ts';
import { useAnswer } from '../state/use-answer.ts';
import { useWords } from '../words/use-words.ts';

/** Chooses a track or an artist by typing some of its name. What is typed and not chosen is no choice. */
export function EndBox({
  label,
  chosen,
  find,
  about,
  onChoose,
}: {
  readonly label: string;
  readonly chosen: End | null;
  readonly find: (text: string, signal: AbortSignal) => Promise<readonly End[]>;
  /** Changes when the same text would find something else. */
  readonly about: string;
  readonly onChoose: (end: End | null) => void;
}): ReactNode {
  const words = useWords();
  const [text, setText] = useState(chosen?.name ?? '');
  // What is chosen asks for everything when the list is opened, not for itself.
  const query = chosen?.name === text ? '' : text.trim();
  const found = useAnswer(`${about} ${query}`, (signal) => find(query, signal)) ?? [];
  // The chosen one must be among them, or the box would forget it.
  const isThere = found.some(({ id }) => id === chosen?.id);
  const items = chosen && !isThere ? [chosen, ...found] : found;
  const { playlists } = words.app;
  const choose = (end: End | null): void => {
    onChoose(end);
    setText(end?.name ?? '');
  };
  return (
    <ComboBox
      className="field end-box"
      items={items}
      inputValue={text}
      onInputChange={setText}
      value={chosen?.id ?? null}
      onChange={(key) => choose(items.find(({ id }) => id === key) ?? null)}
      // They are found already.
      defaultFilter={() => true}
      menuTrigger="focus"
      allowsEmptyCollection
    >
      <Label>{label}</Label>
      <div className="end-input">
        <Input placeholder={playlists.anyone} />
        {chosen ? (
          <button
            type="button"
            className="icon-button"
            aria-label={playlists.clearEnd(label)}
            onClick={() => choose(null)}
          >
            <X className="icon" aria-hidden="true" />
          </button>
        ) : (
          <Button className="icon-button" aria-label={playlists.openEnds(label)}>
            <ChevronDown className="icon" aria-hidden="true" />
          </Button>
        )}
      </div>
      <Popover className="end-popover">
        <ListBox
          className="end-list"
          renderEmptyState={() => <p className="muted">{words.app.library.nothing}</p>}
        >
          {(end: End) => (
            <ListBoxItem id={end.id} textValue={end.name} className="end-item">
              <Text slot="label">
                <bdi>{end.name}</bdi>
              </Text>
              <Text slot="description" className="muted">
                <bdi>{end.detail}</bdi>
              </Text>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
