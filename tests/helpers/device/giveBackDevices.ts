// Set up for every file of the project gpu-node: at its end it gives back the devices that it borrowed.
import { afterAll } from 'vitest';
import { giveBackDevices } from './sharedGpu';

afterAll(giveBackDevices);
