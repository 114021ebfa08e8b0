// A spoken consultation through the unmodified @openai/agents-realtime package.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession } from '@openai/agents-realtime';

import { Microphone, once, startServer } from './bedside.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

/** Connects a session with an open microphone, and notes what comes. */
async function connect() {
  const agent = new RealtimeAgent({ name: 'Intake', instructions: 'Lead the consultation.' });
  const transport = new OpenAIRealtimeWebSocket({ url: server.url, useInsecureApiKey: true });
  const session = new RealtimeSession(agent, { transport });
  const noted = { audioBytes: 0, errors: [] };
  session.on('audio', (event) => {
    noted.audioBytes += event.data.byteLength;
  });
  session.on('error', (error) => noted.errors.push(error));
  await session.connect({ apiKey: 'unused' });
  const microphone = new Microphone((audio) => session.sendAudio(audio));
  const event = (type, wanted) => once(session, 'transport_event', (e) => e.type === type && (wanted?.(e) ?? true));
  const close = () => {
    microphone.close();
    session.close();
  };
  return { session, transport, noted, microphone, event, close };
}

test('speech is understood and answered with speech', async () => {
  const { session, noted, microphone, event, close } = await connect();
  try {
    const heard = event('conversation.item.input_audio_transcription.completed');
    const answered = event('response.done', (e) => e.response.status === 'completed');
    microphone.say('My throat hurts when I swallow.');
    const [transcription] = await heard;
    assert.match(transcription.transcript, /throat/i);
    await answered;
    assert.ok(noted.audioBytes > 24_000, `only ${noted.audioBytes} bytes of speech`);
    const said = session.history.filter((item) => item.role === 'assistant').flatMap((item) => item.content);
    assert.ok(said.some((part) => part.transcript?.length > 10), JSON.stringify(session.history));
    assert.deepEqual(noted.errors, []);
  } finally {
    close();
  }
});

test('speaking over the answer interrupts it', async () => {
  const { session, transport, noted, microphone, event, close } = await connect();
  try {
    const speaking = once(session, 'audio_start');
    transport.sendEvent({ type: 'response.create' });
    await speaking;
    const interrupted = once(session, 'audio_interrupted');
    const cancelled = event('response.done', (e) => e.response.status === 'cancelled');
    const truncated = event('conversation.item.truncated');
    microphone.say('Wait, please stop. I have to ask you something.');
    await interrupted;
    const [done] = await cancelled;
    assert.equal(done.response.status_details.reason, 'turn_detected');
    await truncated;
    await event('response.done', (e) => e.response.status === 'completed');
    assert.deepEqual(noted.errors, []);
  } finally {
    close();
  }
});
