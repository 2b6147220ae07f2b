// Owns what somebody who is signed in has to know about their post, above every page.
import { useText } from "../../i18n/language";
import { useSession } from "../../state/session";
import "./session.css";

export function Banner() {
  const text = useText();
  const { notices } = useSession();
  if (notices.length === 0) return null;
  return (
    <div className="banner notice" role="status">
      {notices.map((notice) => (
        <p key={notice.code}>{notice.text[text.lang]}</p>
      ))}
    </div>
  );
}
