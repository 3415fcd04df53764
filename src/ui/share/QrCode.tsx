// An address as a QR code: black on white in every theme, as cameras expect it.
import { correction, generate } from 'lean-qr';
import styles from './QrCode.module.css';

/** White around it, in modules (ISO/IEC 18004). */
const QUIET = 4;

export function QrCode({ text }: { text: string }) {
  const code = codeOf(text);
  if (code === null) {
    return <p role="status">This link is too long for a QR code, which holds 2,953 characters.</p>;
  }
  const side = code.size + 2 * QUIET;
  return (
    <svg
      className={styles.code}
      viewBox={`0 0 ${side} ${side}`}
      role="img"
      aria-label="QR code of the link"
      shapeRendering="crispEdges"
    >
      <rect width={side} height={side} fill="#fff" />
      <path d={pathOf(code)} fill="#000" />
    </svg>
  );
}

type Code = ReturnType<typeof generate>;

/** null: there is no code that large. */
function codeOf(text: string): Code | null {
  try {
    return generate(text, { minCorrectionLevel: correction.L });
  } catch {
    return null;
  }
}

function pathOf(code: Code): string {
  const squares: string[] = [];
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) {
      if (code.get(x, y)) squares.push(`M${x + QUIET} ${y + QUIET}h1v1h-1z`);
    }
  }
  return squares.join('');
}
