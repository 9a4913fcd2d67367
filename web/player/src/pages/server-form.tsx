import { useRef, useState, type ReactNode } from 'react';
import {
  Button,
  Dialog,
  Form,
  Heading,
  Input,
  Label,
  Modal,
  ModalOverlay,
  TextField,
} from 'react-aria-components';
import { isAbort } from '../problem.ts';
import { SourceError } from '../sources/types.ts';
import { useMusic } from '../state/use-music.ts';
import { useWords } from '../words/use-words.ts';

const text = (form: FormData, name: string): string => {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
};

/** Address and login of a Subsonic server. What was typed stays when the server says no. */
export function ServerForm({
  isOpen,
  onOpenChange,
}: {
  readonly isOpen: boolean;
  readonly onOpenChange: (open: boolean) => void;
}): ReactNode {
  const words = useWords();
  const [, music] = useMusic();
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const stop = useRef<AbortController | null>(null);
  const { server, library } = words.app;

  const connect = async (form: FormData): Promise<void> => {
    stop.current = new AbortController();
    setAsking(true);
    setProblem(null);
    try {
      const login = { user: text(form, 'user'), password: text(form, 'password') };
      await music.addServer({ address: text(form, 'address'), login }, stop.current.signal);
      onOpenChange(false);
    } catch (cause) {
      if (cause instanceof SourceError) setProblem(library.sourceProblem(cause.code));
      else if (!isAbort(cause)) setProblem(String(cause));
    }
    setAsking(false);
  };

  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => {
        if (!open) stop.current?.abort();
        onOpenChange(open);
      }}
      className="veil"
      isDismissable
    >
      <Modal className="dialog">
        <Dialog>
          {({ close }) => (
            <Form
              onSubmit={(event) => {
                event.preventDefault();
                void connect(new FormData(event.currentTarget));
              }}
            >
              <Heading slot="title">{server.title}</Heading>
              <p className="muted">{server.text}</p>
              <TextField name="address" isRequired autoFocus>
                <Label>{server.address}</Label>
                <Input placeholder="music.example.org" autoComplete="url" />
              </TextField>
              <TextField name="user" isRequired>
                <Label>{server.user}</Label>
                <Input autoComplete="username" />
              </TextField>
              <TextField name="password" type="password" isRequired>
                <Label>{server.password}</Label>
                <Input autoComplete="current-password" />
              </TextField>
              {problem !== null && <p role="alert">{problem}</p>}
              <div className="buttons">
                <Button type="button" className="button" onPress={close}>
                  {server.cancel}
                </Button>
                <Button type="submit" className="button primary" isDisabled={asking}>
                  {asking ? server.connecting : server.connect}
                </Button>
              </div>
            </Form>
          )}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
