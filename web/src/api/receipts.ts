// Owns the shape of "how does my matter stand", asked with the number and the secret of the receipt.
import { type Decoded, names, nullable, object, str } from "./check";
import { sendJson } from "./http";

const standing = object({
  number: str,
  status: str,
  category: object({ names }),
  happened_at: str,
  received_at: str,
  agency: nullable(object({ names })),
});
export type Matter = Decoded<typeof standing>;

export const lookUp = async (number: string, secret: string): Promise<Matter> =>
  (await sendJson("POST", "/receipts", { number: number.trim(), secret: secret.trim() }, standing)).value;
