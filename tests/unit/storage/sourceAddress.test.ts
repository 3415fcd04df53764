// Addresses that a stranger's link names: https on public hosts, and a sentence for everything else.
import { describe, expect, it } from 'vitest';
import { DownloadError } from '../../../src/storage/request';
import { parseSourceAddress } from '../../../src/storage/sourceAddress';

describe('a source in a link', () => {
  it.each([
    'https://example.org/saes/',
    'https://huggingface.co/owner/name/resolve/main/',
    'https://8.8.8.8/',
    'https://172.32.0.1/',
  ])('%s is taken', (address) => {
    expect(parseSourceAddress(address).href).toBe(address);
  });

  it.each([
    ['http://example.org/', /http: address/],
    ['javascript:alert(1)', /javascript: address/],
    ['data:text/html,x', /data: address/],
    ['file:///etc/passwd', /file: address/],
    ['blob:https://example.org/1', /blob: address/],
    ['//example.org/', /not a web address/],
    ['', /not a web address/],
    ['https://user:word@example.org/', /a name or a password/],
    ['https://localhost/', /private network/],
    ['https://localhost./', /private network/],
    ['https://router/', /private network/],
    ['https://nas.local/', /private network/],
    ['https://127.0.0.1/', /private network/],
    ['https://2130706433/', /private network/],
    ['https://0x7f.1/', /private network/],
    ['https://10.1.2.3/', /private network/],
    ['https://172.16.0.1/', /private network/],
    ['https://192.168.1.1/', /private network/],
    ['https://169.254.169.254/latest/', /private network/],
    ['https://100.64.0.1/', /private network/],
    ['https://0.0.0.0/', /private network/],
    ['https://[::1]/', /private network/],
    ['https://[::ffff:10.0.0.1]/', /private network/],
    ['https://[fd00::1]/', /private network/],
  ])('%s is refused', (address, why) => {
    expect(() => parseSourceAddress(address)).toThrow(DownloadError);
    expect(() => parseSourceAddress(address)).toThrow(why);
  });
});
