// How long a latent has been silent, in tokens.
// Defines  longer_silence
// Expects  nothing

// After `tokens` more. The counter stops one below its maximum rather than wrap round to "just fired".
fn longer_silence(since: u32, tokens: u32) -> u32 {
  return since + min(tokens, 0xfffffffeu - since);
}
