// The address that a link names as the source of a folder or file. A person typed none of it: so it is https only, and
// never of this machine or a private network, which a stranger's link could ask about.
import { DownloadError } from './request';

const WAY_OUT =
  'Ask for a link to a public https address, or for the files: dropped on this page they open.';

/** Throws DownloadError, with what is wrong with it. */
export function parseSourceAddress(text: string): URL {
  const url = URL.parse(text.trim());
  const shown = `“${text.slice(0, 80)}”`;
  if (url === null) throw new DownloadError(`${shown} is not a web address.`, WAY_OUT);
  if (url.protocol !== 'https:') {
    throw new DownloadError(
      `${shown} is a ${url.protocol} address; a link’s source is fetched by https only.`,
      WAY_OUT,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new DownloadError(`${shown} has a name or a password in it: it is not fetched.`, WAY_OUT);
  }
  if (isPrivate(url.hostname)) {
    throw new DownloadError(
      `${url.hostname} is on this machine or a private network: a link’s source is fetched from public hosts only.`,
      WAY_OUT,
    );
  }
  url.hash = '';
  return url;
}

/** By its name alone: hostnames as URL writes them, IPv4 in dots however it was spelled. */
function isPrivate(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '').toLowerCase();
  // Addresses of version 6 are nobody's static host.
  if (name.startsWith('[')) return true;
  const parts = /^\d+\.\d+\.\d+\.\d+$/.test(name) ? name.split('.').map(Number) : null;
  if (parts === null) {
    return (
      !name.includes('.') || /\.(localhost|local|internal|lan|home|intranet|arpa|test)$/.test(name)
    );
  }
  const [a = 0, b = 0] = parts;
  return (
    [0, 10, 127].includes(a) ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && (b === 168 || b === 0)) ||
    (a === 198 && (b === 18 || b === 19)) ||
    a >= 224
  );
}
