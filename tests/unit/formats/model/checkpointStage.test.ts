import { describe, expect, it } from 'vitest';
import { tellCheckpointStage } from '../../../../src/formats/model/checkpointStage';

const tell = (path: string, settings: readonly string[] = []) =>
  tellCheckpointStage([`${path}model_000650.pt`], settings);

describe('the stage of a checkpoint', () => {
  it.each([
    ['chatsft_checkpoints/d20/', true],
    ['.cache/nanochat/chatrl_checkpoints/d20/', true],
    ['mid_checkpoints/d20/', true],
    ['base_checkpoints/d20/', false],
    ['chatsft_checkpoints/base/', false], // the innermost folder knows best
    ['nanochat-d20-sft/', true],
    ['karpathy/nanochat-d32/', false],
    ['nanochat/', false],
    ['middle/', false],
    ['', false],
  ])('of %s is chat: %s', (path, isChat) => {
    expect(tell(path).isChat).toBe(isChat);
  });

  it('is told by the settings of chat training where no folder does', () => {
    expect(tell('', ['depth', 'gsm8k_epochs'])).toEqual({
      isChat: true,
      why: 'Its meta file has gsm8k_epochs, a setting of chat training.',
    });
    expect(tell('', ['depth']).isChat).toBe(false);
  });

  it('names the folder it went by', () => {
    expect(tell('chatsft_checkpoints/d20/').why).toBe(
      'Its folder chatsft_checkpoints means that it is fine-tuned to chat.',
    );
  });

  it('is told by a chat template that came along', () => {
    expect(tellCheckpointStage(['model.safetensors', 'chat_template.jinja'], []).isChat).toBe(true);
  });
});
