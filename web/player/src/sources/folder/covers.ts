/** Edge of a stored cover, in pixels: a full-screen cover on a common screen. */
const EDGE = 640;
/** Smaller pictures are kept as they are. */
const SMALL = 80_000;

/** SHA-256, so that the same picture is stored once. */
export async function coverKey(picture: Blob): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await picture.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** At most `EDGE` pixels wide and high; the picture itself where it is small, or where this worker cannot draw. */
export async function smallCover(picture: Blob): Promise<Blob> {
  if (picture.size <= SMALL || typeof OffscreenCanvas === 'undefined') return picture;
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(picture);
  } catch {
    // Broken, or of a kind that this browser does not know: <img> will tell.
    return picture;
  }
  const scale = Math.min(1, EDGE / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(bitmap.width * scale)),
    Math.max(1, Math.round(bitmap.height * scale)),
  );
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const small = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 });
  return small.size < picture.size ? small : picture;
}
