/** The network as the studio's Settings allow it, for commands. */
import { Network } from '../../engine/contract/network.ts';
import { dataFolder } from '../store/dataFolder.ts';
import { readOffline } from '../store/readOffline.ts';

export const commandNetwork = (): Network => new Network(() => readOffline(dataFolder()));
