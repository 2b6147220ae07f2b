// Owns the photos of an incident: small ones that open large, adding more, each with its progress or why it was refused.
import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { sendPhoto } from "../../api/photos";
import { CloseIcon } from "../../design/icons";
import { saysError } from "../../design/saysError";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { photosKey, usePhotos } from "../../state/queries";
import { useMay } from "../../state/session";

interface Sending {
  readonly key: string;
  readonly name: string;
  /** 0 to 1; 1 = all of it went out, and is being worked on. */
  readonly share: number;
  readonly error: Error | null;
}

export function PhotosSection({ incident }: { readonly incident: string }) {
  const text = useText();
  const id = useId();
  const may = useMay();
  const client = useQueryClient();
  const photos = usePhotos(incident, may("attachments.read"));
  const [sending, setSending] = useState<readonly Sending[]>([]);
  const set = (key: string, part: Partial<Sending>): void => setSending((all) => all.map((one) => (one.key === key ? { ...one, ...part } : one)));
  const away = (key: string): void => setSending((all) => all.filter((one) => one.key !== key));

  const add = async (files: readonly File[]): Promise<void> => {
    const queue = files.map((file) => ({ key: crypto.randomUUID(), file }));
    setSending((all) => [...all, ...queue.map(({ key, file }) => ({ key, name: file.name, share: 0, error: null }))]);
    // One after the other: one that is refused refuses no other, and what has arrived is there.
    for (const { key, file } of queue) {
      try {
        await sendPhoto(incident, file, (share) => set(key, { share }));
        await client.invalidateQueries({ queryKey: photosKey(incident) });
        away(key);
      } catch (error) {
        set(key, { error: error instanceof Error ? error : new Error(String(error)) });
      }
    }
  };

  if (photos.error !== null) return <Trouble error={photos.error} onRetry={() => void photos.refetch()} />;
  const found = photos.data ?? null;
  if (found === null) return null;
  const mayAdd = may("attachments.add") && found.room_for > 0;
  if (found.items.length === 0 && !mayAdd && sending.length === 0) return null;
  return (
    <section className="photos" aria-labelledby={`${id}-title`}>
      <h4 className="label" id={`${id}-title`}>
        {text("photos")}
      </h4>
      {found.items.length === 0 ? null : (
        <ul className="photo-list">
          {found.items.map((photo) => (
            <li key={photo.id}>
              <a href={photo.url} target="_blank" rel="noreferrer">
                <img src={photo.preview_url} alt={text("photos.one", { n: photo.number })} width={photo.width} height={photo.height} loading="lazy" />
              </a>
            </li>
          ))}
        </ul>
      )}
      {sending.length === 0 ? null : (
        <ul className="photo-sending">
          {sending.map((one) => (
            <li key={one.key}>
              <span className="photo-name">{one.name}</span>
              {one.error === null ? (
                <progress max={1} value={one.share} aria-label={text("photos.sending", { name: one.name })} />
              ) : (
                <>
                  <span className="fault" role="alert">
                    {saysError(text, one.error)}
                  </span>
                  <button type="button" className="button plain square" aria-label={text("photos.dismiss", { name: one.name })} onClick={() => away(one.key)}>
                    <CloseIcon />
                  </button>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      {mayAdd ? (
        <p>
          <input
            id={`${id}-file`}
            className="visually-hidden"
            type="file"
            accept="image/jpeg,image/png,image/webp,image/heic,image/heif"
            multiple
            aria-describedby={`${id}-help`}
            onChange={(event) => {
              const files = [...(event.target.files ?? [])];
              event.target.value = "";
              void add(files);
            }}
          />
          <label className="button" htmlFor={`${id}-file`}>
            {text("photos.add")}
          </label>
          <span className="help" id={`${id}-help`}>
            {text("photos.help", { n: found.room_for })}
          </span>
        </p>
      ) : null}
    </section>
  );
}
